#pragma once
// Reads and writes of registers in sessions, with known reads-from: what the weak models judge.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/value.h"

namespace sunder::weak {

/// Index of an operation in Registers::operations.
using Index = std::uint32_t;
inline constexpr Index initial = UINT32_MAX;        // the virtual write before all others
inline constexpr std::uint32_t never = UINT32_MAX;  // position of a return that did not come

enum class Kind : std::uint8_t { read, write };

struct Operation {
  Kind kind = Kind::read;
  std::int32_t key = 0;            // dense
  std::uint32_t session = 0;       // dense
  Index source = initial;          // of a read: the write whose value it returned, or `initial`
  std::uint32_t invoked = 0;       // position of the invocation in the history
  std::uint32_t returned = never;  // position of the completion; `never`: it may still take effect
  std::int64_t invoked_at = 0;     // nanoseconds since the run began
  std::int64_t returned_at = INT64_MAX;

  bool is_read() const { return kind == Kind::read; }
  bool is_write() const { return kind == Kind::write; }
};

/// Operations stand session by session, each in session order, so that the session predecessor of
/// an operation is its neighbour. Only what surely happened is here: operations that were answered
/// ok, and writes of unknown outcome whose value was read; such a write ends its session, or
/// stands in one of its own when the process went on. Values are unique for each key.
struct Registers {
  std::vector<Operation> operations;
  std::vector<Index> session_begin{0};  // one more than there are sessions
  std::int32_t keys = 0;
  /// By key: where the first write of unknown outcome was invoked whose value nobody read; `never`
  /// without such a write. It may take effect at any later time, and is concurrent with all that
  /// follows. Empty: there is none at all.
  std::vector<std::uint32_t> pending_since;

  std::size_t size() const { return operations.size(); }
  std::size_t sessions() const { return session_begin.size() - 1; }
  const Operation& operator[](Index at) const { return operations[at]; }
  std::span<const Operation> session(std::uint32_t which) const {
    return std::span(operations)
        .subspan(session_begin[which], session_begin[which + 1] - session_begin[which]);
  }
  /// Whether `at` has a predecessor in its session, which then is at - 1.
  bool has_previous(Index at) const { return at != session_begin[operations[at].session]; }
};

/// The part of a history that these operations (ascending) make, with the same order of events.
/// REQUIRES: the source of every read that is kept is `initial` or kept too.
/// A part that breaks a model shows that the whole breaks it: every model here allows to forget
/// reads, and writes together with all their reads. Only `safe` does not, for which a concurrent
/// write excuses a read.
Registers restrict(const Registers& registers, std::span<const Index> keep);

}  // namespace sunder::weak
