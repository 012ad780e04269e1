#pragma once
// All limits of one node, by the names of their resources.

#include <set>

#include "harness/agent/limits/limit.h"

namespace sunder {

class Limits {
 public:
  /// `journal`: see LimitScene; it must outlive the limits.
  Limits(ControlGroup group, Descriptor proc, UndoJournal* journal = nullptr);

  ControlGroup& group() { return scene_->group; }
  const ControlGroup& group() const { return scene_->group; }
  int proc() const { return scene_->proc.get(); }
  /// `data`: the folder that the node writes to.
  Status impose(const std::string& resource, std::int64_t amount,
                const std::filesystem::path& data);
  Status lift(const std::string& resource);
  void lift_all();
  bool any() const { return !in_force_.empty(); }
  const std::set<std::string>& in_force() const { return in_force_; }

  Status begin_trial(const std::string& resource, const std::filesystem::path& data);
  Result<Limit::Reading> read(const std::string& resource);
  void tick();

 private:
  Result<Limit*> find(const std::string& resource);

  std::unique_ptr<LimitScene> scene_;  // limits refer to it
  std::map<std::string, std::unique_ptr<Limit>> limits_;
  std::set<std::string> in_force_;
};

}  // namespace sunder
