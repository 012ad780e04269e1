#pragma once
// Fields of a request; what is missing or of another kind reads as empty.

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/value.h"

namespace sunder {

inline std::string text_of(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  return found != nullptr && found->is_text() ? found->text() : std::string();
}
inline std::int64_t integer_of(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}
/// Whether the field is there and true.
inline bool is_set(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  return found != nullptr && found->kind() == Value::Kind::boolean && found->boolean();
}
inline List list_of(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  return found != nullptr && found->is_list() ? found->list() : List();
}
inline std::vector<std::string> texts_of(const Value& request, std::string_view key) {
  std::vector<std::string> texts;
  for (const Value& item : list_of(request, key)) {
    if (item.is_text()) texts.push_back(item.text());
  }
  return texts;
}

}  // namespace sunder
