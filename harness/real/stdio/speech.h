#pragma once
// What Maelstrom's clients ask, as ops of a system, and its answers as Maelstrom's replies
// (Maelstrom, doc/workloads.md).

#include <string>
#include <string_view>
#include <vector>

#include "harness/api/system.h"
#include "harness/real/stdio/letter.h"

namespace sunder::stdio {

/// An op to be: its verb and value in the system's own terms.
struct Draft {
  std::string verb;
  Value value;
};

/// One type of request.
struct Request {
  std::string_view type;
  /// The op that a request's body asks for. Errors: malformed, or refused when it is understood but
  /// cannot be said to the system.
  Result<Draft> (*ask)(std::string_view datatype, const Value& body);
  /// The reply to a request whose op was ok with this value.
  Map (*reply)(const Value& body, const Value& answer);
};

/// One of Maelstrom's workloads, and which of our datatypes serves it.
struct Speech {
  std::string_view workload;
  std::vector<std::string_view> datatypes;  // any of them does; the best first
  std::vector<Request> requests;
  const Request* find(std::string_view type) const;
};

const std::vector<Speech>& speeches();

/// What a node speaks.
struct Spoken {
  const Speech* speech = nullptr;
  std::string datatype;
};
/// The workload of that name for a system; of an empty name, the first that the system speaks.
/// Errors name those that it does.
Result<Spoken> choose_speech(const System& system, std::string_view workload);

/// The number of the register that a key names, which may be any JSON. Integers are themselves, all
/// else is hashed beyond the numbers that anybody counts to.
std::int64_t key_number(const Value& key);

/// The reply to a request whose op was not ok. `timed_out`: nobody knows, because it took too long.
Map reply_to_failure(const Outcome& outcome, bool timed_out);
/// Whether that op failed because its compare did.
bool compare_failed(const Outcome& outcome);

}  // namespace sunder::stdio
