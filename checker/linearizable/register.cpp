#include "checker/linearizable/register.h"

#include <algorithm>
#include <set>

namespace sunder::linearizable {

std::int32_t ValueTable::intern(ValueView value) {
  if (value.kind() == Value::Kind::nil && !values_.empty()) return 0;
  if (value.kind() == Value::Kind::integer) {
    auto found = integers_.find(value.integer());
    if (found != integers_.end()) return found->second;
  }
  return intern(value.value());
}

std::int32_t ValueTable::intern(const Value& value) {
  auto fresh = static_cast<std::int32_t>(values_.size());
  if (value.is_integer()) {
    auto [at, added] = integers_.try_emplace(value.integer(), fresh);
    if (added) values_.push_back(value);
    return at->second;
  }
  std::vector<std::uint8_t> bytes;
  encode(value, bytes);
  auto [at, added] = others_.try_emplace(std::string(bytes.begin(), bytes.end()), fresh);
  if (added) values_.push_back(value);
  return at->second;
}

std::string ValueTable::text(std::int32_t id) const {
  std::string out;
  append_edn(out, (*this)[id]);
  return out;
}

void drop_idle_crashes(std::vector<RegisterOperation>& operations) {
  for (bool changed = true; changed;) {
    std::set<std::int32_t> needed;
    bool difference = false;
    for (const RegisterOperation& operation : operations) {
      if (std::optional<std::int32_t> value = operation.call.needs()) needed.insert(*value);
      difference |= operation.call.kind == RegisterCall::Kind::failed_cas && !operation.crashed();
    }
    std::size_t removed = std::erase_if(operations, [&](const RegisterOperation& operation) {
      if (!operation.crashed()) return false;
      std::optional<std::int32_t> leaves = operation.call.leaves();
      return !leaves || (!difference && !needed.contains(*leaves));
    });
    changed = removed != 0 && !difference;
  }
}

}  // namespace sunder::linearizable
