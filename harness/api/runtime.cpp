#include "harness/api/runtime.h"

#include "harness/core/assert.h"

namespace sunder {

std::int64_t Event::at(std::string_view name) const {
  for (const Number& entry : numbers) {
    if (entry.name == name) return entry.number;
  }
  ASSERT_MSG(false, name);
}

Status Node::instruct(std::string_view verb, const Value&) {
  return Error{Error::Code::refused,
               "nobody here can be asked to '" + std::string(verb) + "'"};
}

}  // namespace sunder
