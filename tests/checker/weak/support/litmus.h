#pragma once
// Histories of registers as the literature writes them: "P1 w(x1) r(y0) | P2 w(y1) r(x0)".

#include <string>
#include <string_view>

#include "checker/weak/history.h"
#include "harness/core/history.h"
#include "harness/core/result.h"

namespace sunder::weak::support {

/// w(x1) writes 1 to x, r(x0) reads the initial value. `w?(x1)` is a write of unknown outcome,
/// `w!(x1)` one that failed. `@3-7` behind an operation says when it was called and answered, `@3-`
/// that it never was, so that its outcome is unknown; all operations have times or none. Without
/// them the first operations of all sessions go on together, then the second ones, and so on. What
/// stands behind an operation of unknown outcome is another session.
struct LitmusOperation {
  Kind kind = Kind::read;
  std::string key;
  int value = 0;
  std::uint32_t session = 0;
  Phase outcome = Phase::ok;
  std::int64_t invoked = 0;
  std::int64_t returned = INT64_MAX;
};

struct Litmus {
  std::vector<LitmusOperation> operations;  // session by session
  std::uint32_t sessions = 0;
};

/// Names of sessions (P1) are allowed and ignored. At equal times calls come before answers.
Result<Litmus> parse_litmus(std::string_view text);
/// Times are left out where parse_litmus would add the same.
std::string to_text(const Litmus& litmus);

/// A call or an answer.
struct Event {
  std::int64_t time = 0;
  bool answers = false;
  std::size_t operation = 0;  // in the litmus
  auto operator<=>(const Event&) const = default;
};
/// In the order in which they happen.
std::vector<Event> events_of(const Litmus& litmus);

/// What Decoder makes of history_of(), but with sessions and keys in the order of the text. A value
/// that was read but not written is an error.
Result<Registers> registers_of(const Litmus& litmus);
/// Keys become x, y, z ...; the writes of a key 1, 2, 3 ... in the order in which they stand. What
/// nobody read and may be pending is lost.
Litmus litmus_of(const Registers& registers);
std::string to_text(const Registers& registers);

/// Values are [key value], the initial one is nil. A write of unknown outcome retires its process.
History history_of(const Litmus& litmus);

/// Parses a text that is known to be right.
Registers registers_of(std::string_view text);

/// Gives each event its place among all, by the times.
void place_by_time(Registers& registers);
/// The times that parse_litmus adds.
void set_usual_times(Registers& registers);

}  // namespace sunder::weak::support
