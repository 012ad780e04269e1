#include "checker/staleness/ending.h"

#include <algorithm>

namespace sunder::staleness {

void EndingWatch::feed(const OpView& op) {
  last_ = std::max(last_, op.time);
  if (!op.process.is_client()) return faults_.feed(op);
  auto open = open_.find(op.process.id);
  if (open != open_.end()) {
    // A process that goes on without an answer never gets it.
    if (op.phase == Phase::invoke) give_up(open->second, not_yet);
    if (op.phase == Phase::info) {
      give_up(open->second, {static_cast<std::int64_t>(op.index), nanoseconds(op.time)});
    }
    open_.erase(open);
  }
  if (op.phase != Phase::invoke || op.verb != "write") return;
  bool has_key = keyed_ && op.value.kind() == Value::Kind::list && op.value.size() == 2;
  open_[op.process.id] = has_key ? op.value[0].value() : Value{};
}

void EndingWatch::give_up(const Value& key, Moment moment) {
  Moment& last = given_up_[key];
  last = std::max(last, moment);
}

Ending EndingWatch::take(const weak::Decoded& decoded) {
  for (const auto& [process, key] : open_) give_up(key, not_yet);
  open_.clear();
  faults_.finish(last_);
  Ending ending{
      .quiet = faults_.quiet(), .unrest = faults_.unrest(), .processes = decoded.processes};
  for (std::int32_t id : decoded.key_ids) {
    auto found = given_up_.find(decoded.keys[id]);
    ending.given_up.push_back(found == given_up_.end() ? Moment{} : found->second);
  }
  return ending;
}

}  // namespace sunder::staleness
