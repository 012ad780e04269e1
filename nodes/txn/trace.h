#pragma once
// What the transactional systems tell of their transactions, for the invariants.

#include "harness/api/runtime.h"

namespace sunder::txn {

/// In order of strength. Their numbers stand in traces.
enum class Level : std::uint8_t { read_uncommitted, read_committed, snapshot, serializable };

/// A version of a key is named by the transaction that wrote it, 0 of the initial one, and by the
/// number that the write had among all of that transaction.
class Tracer {
 public:
  explicit Tracer(Runtime& runtime) : runtime_(runtime) {}

  /// First after a start. `strong`: the level is promised in real time too. `kept`: how many of the
  /// commits that this node counted are left.
  void boot(Level level, bool strong, std::int64_t kept) {
    tell("boot", {{{"level", static_cast<std::int64_t>(level)}, {"strong", strong ? 1 : 0},
                   {"kept", kept}}});
  }
  void begin(std::int64_t txn, std::int64_t op) { tell("begin", {{{"txn", txn}, {"op", op}}}); }
  void read(std::int64_t txn, std::int64_t key, std::int64_t writer, std::int64_t number) {
    tell("read", {{{"txn", txn}, {"key", key}, {"writer", writer}, {"number", number}}});
  }
  void write(std::int64_t txn, std::int64_t key, std::int64_t number) {
    tell("write", {{{"txn", txn}, {"key", key}, {"number", number}}});
  }
  // No number may be named as a field that every traced line has: "time", "node".

  /// `time` orders the versions of a key. `counted`: the commits of this node that must be durable
  /// before anybody hears of this one, itself included.
  void commit(std::int64_t txn, std::int64_t time, std::int64_t counted) {
    tell("commit", {{{"txn", txn}, {"at", time}, {"counted", counted}}});
  }
  void abort(std::int64_t txn) { tell("abort", {{{"txn", txn}}}); }
  /// A client has said that it knows of this commit.
  void told(std::int64_t txn) { tell("told", {{{"txn", txn}}}); }

 private:
  void tell(std::string_view kind, std::array<Event::Number, 5> numbers) {
    runtime_.trace({.kind = kind, .numbers = numbers});
  }

  Runtime& runtime_;
};

}  // namespace sunder::txn
