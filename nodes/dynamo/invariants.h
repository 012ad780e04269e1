#pragma once
// The promises of the Dynamo-style store, checked from the trace alone.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "harness/api/invariants.h"
#include "nodes/dynamo/merkle.h"
#include "nodes/dynamo/messages.h"
#include "nodes/dynamo/ring.h"

namespace sunder::dynamo {

/// A stamp belongs to one value; a replica's version never falls, nor below what it has confirmed
/// before a restart; an acknowledged write, or a newer one, is on W replicas, with sloppy quorums
/// on W nodes. Where more than eventual consistency is claimed: a read is not older than any write
/// that had ended when it began, a write is newer. What a read found stale is repaired; what missed
/// a write has a hint somewhere, which lasts until its owner has it; a pass sends a hint once; and
/// the trees say what the node holds.
class DynamoInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  using Stamps = std::map<std::int64_t, Stamp>;                          // by key
  using Hints = std::map<std::pair<std::int64_t, std::int64_t>, Stamp>;  // by owner and key
  struct Done {
    Stamp stamp;
    std::int64_t op = -1;
  };
  /// A task of a coordinator. A client's retry makes a second one for the same op.
  struct Begun {
    std::int64_t op = -1;
    Done floor;  // the newest write of its key that had ended when it began
  };
  struct Replica {
    Stamps held;                          // since the boot
    Stamps confirmed;                     // ever
    Hints hints;                          // since the boot
    Hints promised;                       // that others were told of, until they are dropped
    std::map<std::int64_t, Begun> begun;  // by round
    std::set<std::pair<std::int64_t, std::int64_t>> repaired;  // round, replica
    std::set<std::pair<std::int64_t, std::int64_t>> passed;    // owner, key: in the pass below
    std::int64_t pass = 0;
    std::vector<MerkleTree> trees;  // by peer: what they should be
  };

  void on_boot(const Event& event, Replica& own);
  Broken on_held(NodeId node, const Event& event, Replica& own);
  Broken on_recovered(NodeId node, Replica& own);
  Broken on_hint_confirmed(const Event& event);
  Broken on_dropped(NodeId node, const Event& event, Replica& own);
  Broken on_missed(NodeId node, const Event& event);
  Broken on_stale(NodeId node, const Event& event, Replica& own);
  Broken on_handoff(NodeId node, const Event& event, Replica& own);
  Broken on_tree(NodeId node, const Event& event, Replica& own);
  Broken on_wrote(NodeId node, const Event& event, Replica& own);
  Broken on_read(NodeId node, const Event& event, Replica& own);
  std::size_t copies(std::int64_t key, const Stamp& stamp) const;
  static std::optional<Begun> begun(const Replica& own, const Event& event);
  BrokenInvariant about(std::string sentence, std::int64_t key, const Stamp& stamp,
                        std::string fate) const;
  Replica& replica(std::int64_t node);

  std::map<std::int64_t, Replica> replicas_;
  std::map<std::pair<std::int64_t, Stamp>, std::int64_t> values_;
  std::map<std::pair<std::int64_t, Stamp>, std::int64_t> writers_;  // the op, once it has ended
  std::map<std::int64_t, Done> newest_;  // by key, of operations that have ended
  std::optional<Ring> ring_;
  std::int64_t writes_ = 1;
  std::int64_t promise_ = 0;  // 1: regular, 2: linearizable
  bool sloppy_ = false;
};

}  // namespace sunder::dynamo
