#pragma once
// Which transactions must not commit so that snapshots stay serializable.
//
// Source: Cahill, Roehm, Fekete, "Serializable Isolation for Snapshot Databases", SIGMOD 2008,
// section 3; with the two rules of Ports and Grittner, "Serializable Snapshot Isolation in
// PostgreSQL", VLDB 2012, sections 3.3 and 4.1: a pivot does harm only when the transaction that it
// does not see commits first of the three, and one that only reads only when that happened before
// its snapshot.

#include <map>
#include <set>

#include "nodes/mvcc/config.h"

namespace sunder::mvcc {

/// Every cycle has two anti-dependencies in a row, in -> pivot -> out, of which `out` commits first
/// of the whole cycle. Whoever commits last of `in` and `pivot` is stopped.
class Conflicts {
 public:
  explicit Conflicts(const Flaws& flaws) : flaws_(flaws) {}

  void begin(std::int64_t txn, std::int64_t snapshot);
  void read(std::int64_t txn, std::int64_t key);
  /// Draws an edge from every reader of the key that runs beside the writer.
  void write(std::int64_t txn, std::int64_t key);
  /// `reader` does not see what `writer` has written or is about to.
  void overlooks(std::int64_t reader, std::int64_t writer);
  bool may_commit(std::int64_t txn, bool wrote) const;
  void commit(std::int64_t txn, std::int64_t time, bool wrote);
  void abort(std::int64_t txn);
  /// No transaction that is active now or begins later has an older snapshot.
  void forget_before(std::int64_t snapshot);

 private:
  using Ids = std::set<std::int64_t>;
  struct Txn {
    std::int64_t snapshot = 0;
    std::int64_t committed = 0;  // 0: active
    bool wrote = false;
    std::int64_t first_out = 0;  // of one that committed: when the first of `out` had; 0: none
    std::set<std::int64_t> reads;
    Ids in;   // do not see what it wrote
    Ids out;  // wrote what it does not see
  };
  bool harmless_in(const Txn& in, std::int64_t out_committed) const;
  void erase(std::map<std::int64_t, Txn>::iterator at);

  Flaws flaws_;
  std::map<std::int64_t, Txn> txns_;
  std::map<std::int64_t, Ids> readers_;  // by key
  std::map<std::int64_t, std::int64_t> committed_;  // by time
};

}  // namespace sunder::mvcc
