#include "checker/domain/shapes.h"

namespace sunder::domain {

std::optional<std::int64_t> summable(ValueView value) {
  constexpr std::int64_t limit = std::int64_t{1} << 40;
  if (value.kind() != Value::Kind::integer) return {};
  std::int64_t number = value.integer();
  return -limit <= number && number <= limit ? std::optional(number) : std::nullopt;
}

std::optional<ValueView> entry(ValueView map, std::string_view name) {
  std::optional<ValueView> found;
  if (map.kind() != Value::Kind::map) return found;
  map.each([&](ValueView key, ValueView value) {
    if (key.kind() == Value::Kind::text && plain(key.text()) == name) found = value;
  });
  return found;
}

std::string_view plain(std::string_view text) {
  if (text.starts_with(':')) text.remove_prefix(1);
  return text;
}

std::vector<ValueView> items(ValueView list) {
  std::vector<ValueView> all;
  if (list.kind() == Value::Kind::list) list.each([&](ValueView item) { all.push_back(item); });
  return all;
}

}  // namespace sunder::domain
