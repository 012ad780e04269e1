#pragma once
// The serialization graph of all committed transactions, and the cycles that a level forbids.
//
// Source: Adya, "Weak Consistency: A Generalized Theory and Optimistic Implementations for
// Distributed Transactions", MIT 1999, chapters 3 and 4: G0, G1a, G1b, G1c, G-single, G2-item.
// Snapshot isolation forbids just the cycles without two anti-dependencies in a row: Fekete,
// Liarokapis, O'Neil, O'Neil, Shasha, "Making Snapshot Isolation Serializable", TODS 30(2), 2005,
// theorem 2.1; Cerone and Gotsman, "Analysing Snapshot Isolation", PODC 2016.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/api/invariants.h"
#include "nodes/txn/trace.h"

namespace sunder::txn {

enum class EdgeKind : std::uint8_t {
  ww,  // overwrote it
  wr,  // was read by it
  rw,  // read what it overwrote
  rt,  // had been committed before it began
};

/// Fed what transactions did in the order in which it happened. Whatever is said may be wrong or
/// incomplete. A cycle is found when its last transaction commits.
class Graph {
 public:
  using Broken = std::optional<BrokenInvariant>;

  /// What is forbidden; `strong`: real time counts as a dependency.
  void expect(Level level, bool strong);
  void begin(NodeId node, std::int64_t txn, std::int64_t op);
  void read(std::int64_t txn, std::int64_t key, std::int64_t writer, std::int64_t number);
  void write(std::int64_t txn, std::int64_t key, std::int64_t number);
  Broken commit(std::int64_t txn, std::int64_t time, std::int64_t counted);
  Broken abort(std::int64_t txn);
  Broken told(std::int64_t txn);
  /// A node has started again: its transactions under way are gone, and so are its commits but for
  /// the first `kept`.
  Broken restart(NodeId node, std::int64_t kept);

  bool committed(std::int64_t txn) const;      // and not lost since
  std::int64_t op_of(std::int64_t txn) const;  // -1: unknown

 private:
  enum class State : std::uint8_t { active, committed, aborted, lost };
  struct Edge {
    std::int64_t target = 0;
    EdgeKind kind = EdgeKind::ww;
    std::int64_t key = 0;
  };
  struct Read {
    std::int64_t key = 0;
    std::int64_t writer = 0;
    std::int64_t number = 0;
  };
  struct Txn {
    NodeId node;
    std::int64_t op = -1;
    State state = State::active;
    bool told = false;
    std::size_t begun = 0;      // of all begins and commits
    std::size_t committed = 0;  // likewise
    std::int64_t counted = 0;
    std::vector<Read> reads;
    std::map<std::int64_t, std::int64_t> writes;  // key -> number of the last one
    std::vector<Edge> out;
  };
  struct Version {
    std::int64_t time = 0;
    std::int64_t writer = 0;
    std::vector<std::int64_t> readers;  // committed
  };
  /// A place in a search: a transaction, and whether an anti-dependency led there.
  struct Place {
    std::int64_t txn = 0;
    bool by_rw = false;
    auto operator<=>(const Place&) const = default;
  };
  struct Visit {
    Place from;
    Edge edge;
  };
  struct Search {
    std::int64_t start = 0;
    bool begins_with_rw = false;
    std::map<Place, Visit> visits;
    std::vector<Place> open;
    std::size_t real_time_from = SIZE_MAX;  // what began later than this has been visited
  };

  Txn* find(std::int64_t txn);
  std::vector<Version>& versions(std::int64_t key);
  Broken judge_read(const Txn& reader, const Read& read);
  Broken link_reads(std::int64_t id, const Txn& txn);
  Broken install(std::int64_t id, const Txn& txn, std::int64_t time);
  void link(std::int64_t source, std::int64_t target, EdgeKind kind, std::int64_t key);
  void forget(std::int64_t id, Txn& txn);
  Broken once_only(std::int64_t id, const Txn& txn);
  Broken find_cycle(std::int64_t id);
  bool follows(EdgeKind kind) const;
  bool visit(Search& search, const Place& from, const Edge& edge, Broken& broken);
  bool visit_later(Search& search, const Place& from, Broken& broken);
  Broken search(std::int64_t id, bool snapshot, bool begins_with_rw);
  BrokenInvariant tell_cycle(const Search& search, const Visit& last);
  BrokenInvariant tell(std::string sentence, std::int64_t op, std::string fate,
                       std::int64_t other_op, std::string other_fate) const;

  Level level_ = Level::read_uncommitted;
  bool strong_ = false;
  std::size_t clock_ = 0;
  std::map<std::int64_t, Txn> txns_;
  std::vector<std::pair<std::size_t, std::int64_t>> begun_;  // in order
  std::map<std::int64_t, std::vector<Version>> keys_;
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, Read>>> early_;  // readers, by writer
  std::map<std::int64_t, std::vector<std::int64_t>> commits_;  // by node, in order
  std::map<std::int64_t, std::int64_t> committed_ops_;         // op -> txn
};

}  // namespace sunder::txn
