#include "checker/linearizable/datatypes/shapes.h"

#include <algorithm>
#include <charconv>

namespace sunder::linearizable {

bool is_scalar(ValueView value) {
  return value.kind() != Value::Kind::list && value.kind() != Value::Kind::map;
}

bool is_pair(ValueView value) { return value.kind() == Value::Kind::list && value.size() == 2; }

bool is_pair_of_scalars(ValueView value) {
  return is_pair(value) && is_scalar(value[0]) && is_scalar(value[1]);
}

std::optional<std::int32_t> small_integer(ValueView value) {
  if (value.kind() != Value::Kind::integer) return {};
  std::int64_t integer = value.integer();
  if (integer <= INT32_MIN || integer > INT32_MAX) return {};
  return static_cast<std::int32_t>(integer);
}

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool repeats(ValueTable& values, ValueView answer, std::int32_t argument) {
  return answer.is_nil() || values.intern(answer) == argument;
}

std::optional<ValueView> field(ValueView map, std::string_view name) {
  std::optional<ValueView> found;
  if (map.kind() != Value::Kind::map) return found;
  map.each([&](ValueView key, ValueView value) {
    if (key.kind() != Value::Kind::text) return;
    std::string_view text = key.text();
    if (text.starts_with(':')) text.remove_prefix(1);
    if (text == name) found = value;
  });
  return found;
}

Value option_value(const std::string& text) {
  if (text.empty() || text == "nil") return {};
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return Value(number);
  return Value(text);
}

Fate plain_fate(Phase phase) {
  if (phase == Phase::ok) return Fate::happened;
  return phase == Phase::fail ? Fate::never : Fate::crashed;
}

bool refused(std::string_view error, std::string_view phrase) {
  if (error.starts_with(':')) error.remove_prefix(1);
  return error.empty() || error.starts_with(phrase);
}

}  // namespace sunder::linearizable
