// What faults do to that which a simulated disk holds.

#include "harness/sim/host.h"

namespace sunder {
namespace {

std::string text_of(const Map& act, std::string_view key) {
  const Value* found = act.find(key);
  return found != nullptr && found->is_text() ? found->text() : "";
}

std::int64_t integer_of(const Map& act, std::string_view key, std::int64_t otherwise) {
  const Value* found = act.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : otherwise;
}

Value counted(const char* what, std::int64_t count) {
  Map map;
  map[what] = count;
  return map;
}

}  // namespace

Result<Value> SimHost::change_disk(const Map& act) {
  std::string kind = text_of(act, "do");
  if (kind == "snapshot") {
    snapshots_.insert_or_assign(text_of(act, "name"), disk_.durable());
    return Value(Map{});
  }
  if (state_ != ProcessState::stopped) {
    if (kind == "mend") return counted("mended", 0);  // a node that runs has nothing to be mended
    return Error{Error::Code::refused, to_string(self_) + " still runs"};
  }
  if (kind == "mend") {
    auto damaged = damage_.extract(text_of(act, "what"));
    return counted("mended", damaged ? damaged.mapped() : 0);
  }
  if (kind == "restore") return restore(text_of(act, "name"));
  bool cuts = kind == "cut-short";
  if (kind != "rot" && !cuts) {
    return Error{Error::Code::malformed, "a simulated disk cannot '" + kind + "'"};
  }
  // Which ones makes no difference: a checksum tells of each.
  std::int64_t struck = std::min(disk_.entries(), cuts ? 1 : integer_of(act, "bits", 1));
  if (struck > 0) damage_[kind] += struck;
  return counted("changed", struck);
}

Result<Value> SimHost::restore(const std::string& snapshot) {
  auto found = snapshots_.find(snapshot);
  if (found == snapshots_.end()) {
    return Error{Error::Code::not_found, "there is no snapshot '" + snapshot + "'"};
  }
  SimDisk::Image past = std::move(found->second);
  snapshots_.erase(found);
  std::int64_t changed = disk_.durable().difference(past);
  disk_.go_back(past);
  damage_.clear();
  return counted("changed", changed);
}

}  // namespace sunder
