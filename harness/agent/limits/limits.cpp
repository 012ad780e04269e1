#include "harness/agent/limits/limits.h"

namespace sunder {

Limits::Limits(ControlGroup group, Descriptor proc, UndoJournal* journal)
    : scene_(std::make_unique<LimitScene>(
          LimitScene{std::move(group), std::move(proc), {}, journal})) {
  limits_["cpu"] = cpu_limit(*scene_);
  limits_["memory"] = memory_limit(*scene_);
  limits_["pids"] = pids_limit(*scene_);
  limits_["descriptors"] = descriptors_limit(*scene_);
  limits_["disk"] = disk_limit(*scene_);
  limits_["ports"] = ports_limit(*scene_);
}

Result<Limit*> Limits::find(const std::string& resource) {
  auto found = limits_.find(resource);
  if (found != limits_.end()) return found->second.get();
  std::string known;
  for (const auto& [name, limit] : limits_) known += (known.empty() ? "" : ", ") + name;
  return Error{Error::Code::malformed,
               "the agent cannot limit '" + resource + "', only " + known};
}

Status Limits::impose(const std::string& resource, std::int64_t amount,
                      const std::filesystem::path& data) {
  Result<Limit*> limit = find(resource);
  if (!limit) return limit.error();
  scene_->data = data;
  in_force_.insert(resource);  // even if it fails half-way
  Status imposed = (*limit)->impose(amount);
  if (!imposed && (*limit)->lift()) in_force_.erase(resource);
  return imposed;
}

Status Limits::lift(const std::string& resource) {
  Result<Limit*> limit = find(resource);
  if (!limit) return limit.error();
  Status lifted = (*limit)->lift();
  if (lifted) in_force_.erase(resource);
  return lifted;
}

void Limits::lift_all() {
  const std::set<std::string> all = in_force_;
  for (const std::string& resource : all) (void)lift(resource);
}

Status Limits::begin_trial(const std::string& resource, const std::filesystem::path& data) {
  Result<Limit*> limit = find(resource);
  if (!limit) return limit.error();
  scene_->data = data;
  return (*limit)->begin_trial();
}

Result<Limit::Reading> Limits::read(const std::string& resource) {
  Result<Limit*> limit = find(resource);
  if (!limit) return limit.error();
  return (*limit)->read();
}

void Limits::tick() {
  for (const auto& [name, limit] : limits_) limit->tick();
}

}  // namespace sunder
