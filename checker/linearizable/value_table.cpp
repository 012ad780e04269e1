#include "checker/linearizable/value_table.h"

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

}  // namespace sunder::linearizable
