#pragma once
// Messages as Maelstrom carries them over standard input and output: one JSON object a line,
// {"src":"c1","dest":"n1","body":{"type":"read","msg_id":1,"key":3}} (Maelstrom, doc/protocol.md).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder::stdio {

struct Letter {
  std::string source;  // any name, unlike the endpoints that protocols see
  std::string target;
  Value body;          // an object

  std::string_view type() const;             // "" when the body has none
  std::optional<std::int64_t> id() const;    // its msg_id
  bool answers_something() const;            // it is an answer, or an error
};

/// Errors say what is wrong with the line.
Result<Letter> parse_letter(std::string_view line);
/// One line, without its end.
std::string letter_text(std::string_view source, std::string_view target, const Value& body);

/// Of Maelstrom's table of errors. All but `timeout` and `crash` are definite: they promise that
/// the request had no effect and never will.
enum class ErrorCode : std::uint8_t {
  timeout = 0,
  not_supported = 10,
  temporarily_unavailable = 11,
  malformed_request = 12,
  crash = 13,
  abort = 14,
  key_does_not_exist = 20,
  precondition_failed = 22,
};

Map body_of_type(std::string_view type);
Map error_body(ErrorCode code, std::string_view text);

}  // namespace sunder::stdio
