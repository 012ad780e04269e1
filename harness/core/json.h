#pragma once
// JSON text to values. The only door through which JSON enters; nlohmann/json stays behind it.

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

/// Reads one JSON document. Errors say line and column. Numbers must be 64-bit integers; a number
/// with a fraction becomes its text, since nothing that Sunder decides on is a float. Nesting is
/// limited to 200 levels.
Result<Value> parse_json(std::string_view text);

/// What is wrong with a text, where (in bytes), and whether it only ends too early.
struct JsonTrouble {
  std::size_t offset = 0;
  std::string what;
  bool at_end = false;
};
/// The same for a caller that knows the text's place in a larger one.
std::optional<Value> parse_json(std::string_view text, JsonTrouble& trouble);

}  // namespace sunder
