#pragma once
// Operations on one replicated object as its checkers see them: numbers, and what each reply saw.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/linearizable/value_table.h"
#include "harness/core/op.h"

namespace sunder::replicated {

using linearizable::ValueTable;

enum class Kind : std::uint8_t {
  lww_register,
  mv_register,
  g_counter,
  pn_counter,
  g_set,
  or_set,
  list,
};

enum class Verb : std::uint8_t {
  read,
  final_read,  // after quiescence: it must see every acknowledged update
  log,         // which updates a replica holds
  write,
  add,
  remove,
  increment,  // amount is signed, so decrements are increments too
  insert,
  erase,
};
inline bool is_update(Verb verb) { return verb > Verb::log; }

/// The counter-th update that a replica made. Counters begin at 1.
struct Dot {
  std::uint32_t replica = 0;
  std::uint32_t counter = 0;  // 0: none
  auto operator<=>(const Dot&) const = default;
};

/// The arbitration of last-writer-wins: by time, then by node.
struct Stamp {
  std::int64_t time = 0;
  std::int32_t node = 0;  // id of a value
};

/// Part of an arena of the object.
struct Slice {
  std::uint32_t at = 0;
  std::uint32_t count = 0;
};

/// How many updates of a replica were seen. Replicas that are not listed: none.
using Seen = Dot;

inline constexpr std::uint32_t open_end = UINT32_MAX;  // later than every position
inline constexpr std::uint32_t nobody = UINT32_MAX;    // no event, no replica

/// One operation: its invocation, and its reply when it has one.
struct Event {
  std::uint32_t invoked = 0;
  std::uint32_t completed = open_end;  // position of the ok; else nobody knows whether it happened
  Process process;
  Verb verb = Verb::read;
  std::int32_t input = 0;      // what is written, added, removed, inserted or erased: a value's id
  std::int32_t tag = -1;       // a value's id; -1: it has none
  std::int64_t amount = 0;     // of counters
  std::uint32_t position = 0;  // where an insert was asked to stand
  bool answered = false;       // the reply says a state
  bool witnessed = false;      // the reply says what it saw
  std::int32_t answer = 0;     // of a register with one value: its id
  std::int64_t number = 0;     // of counters
  Slice elements;              // of sets, lists and registers with several values
  Slice seen;
  std::optional<Slice> past;       // of a write that says what it replaces, else what it saw
  Dot dot;                         // of updates
  std::optional<Stamp> stamp;      // of writes
  std::uint32_t replica = nobody;  // who answered, as far as the reply says
  Slice log;

  bool ok() const { return completed != open_end; }
  /// The replica that answered; of an update it is the one that made it, unless the reply says
  /// more.
  std::uint32_t answered_by() const {
    return replica != nobody || dot.counter == 0 ? replica : dot.replica;
  }
};

/// What a log says of one update.
struct LogEntry {
  Dot dot;
  std::int32_t tag = -1;
  Slice seen;
  std::optional<Slice> past;
  std::optional<Stamp> stamp;
};

/// An update that surely had no effect, for when a replica holds it nevertheless.
struct FailedUpdate {
  std::uint32_t invoked = 0;
  std::int32_t tag = -1;
  std::int32_t input = 0;
};

/// The operations on one object, in order of invocation, with what they refer to.
struct Object {
  Kind kind = Kind::g_set;
  std::int32_t key = 0;
  std::vector<Event> events;
  std::vector<FailedUpdate> failed;
  std::vector<Seen> seen;
  std::vector<std::int32_t> elements;
  std::vector<LogEntry> logs;
  const ValueTable* values = nullptr;    // of the recorder
  const ValueTable* replicas = nullptr;  // their names; ids begin at 1

  std::span<const Seen> seen_by(const Event& event) const { return part(seen, event.seen); }
  std::span<const Seen> seen_by(const LogEntry& entry) const { return part(seen, entry.seen); }
  std::span<const Seen> past_in(const std::optional<Slice>& past) const {
    return part(seen, past.value_or(Slice{}));
  }
  std::span<const std::int32_t> elements_of(const Event& event) const {
    return part(elements, event.elements);
  }
  std::span<const LogEntry> log_of(const Event& event) const { return part(logs, event.log); }
  /// Room for one count a replica.
  std::size_t replica_count() const { return replicas->size(); }

 private:
  template <class T>
  static std::span<const T> part(const std::vector<T>& all, Slice slice) {
    return std::span<const T>(all).subspan(slice.at, slice.count);
  }
};

/// What is demanded beyond the specification of the datatype.
struct Demands {
  bool causal = false;              // what is seen is closed under what those updates saw
  bool sessions = true;             // a process sees what it did and saw before
  bool finale = false;              // without a final read nothing is proved
  bool causal_arbitration = false;  // a stamp exceeds those that its write saw
  enum class Order : std::uint8_t { convergence, weak, strong } order = Order::convergence;
};

}  // namespace sunder::replicated
