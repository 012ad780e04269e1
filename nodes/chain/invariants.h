#pragma once
// The promises of the chain, checked from the trace alone.

#include <map>
#include <optional>
#include <vector>

#include "harness/api/invariants.h"
#include "nodes/chain/configuration.h"
#include "nodes/raft/invariants.h"

namespace sunder::chain {

/// An epoch has one chain; leases of two epochs never overlap; at an index everyone commits the
/// same write, with the same result, and no op is carried out at two; who counts as synced holds
/// all that was acknowledged in earlier epochs, and from then on, over restarts too, all that is in
/// this one; and who answers a read holds every write that had been acknowledged. The configuration
/// service keeps the promises of Raft.
class ChainInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Replica {
    std::int64_t epoch = 1;
    std::int64_t synced = 0;  // the latest epoch in which it was
    std::int64_t leased = 0;  // epoch of its lease
    Instant lease_end{};
    std::int64_t last = 0;
    std::int64_t promised = 0;  // acknowledged up to here while it was in the chain
    std::map<std::int64_t, std::int64_t> hashes;  // by index, of what it has appended lately
  };
  struct Committed {
    std::int64_t hash = 0;
    std::int64_t state = 0;
    NodeId node;
    bool counted = false;  // its op is among those carried out
  };
  struct Acknowledged {
    std::int64_t index = 0;
    std::int64_t epoch = 0;
    std::int64_t op = -1;
  };

  Broken on_boot(NodeId node, const Event& event);
  Broken on_epoch(NodeId node, const Event& event);
  Broken one_chain(NodeId node, std::int64_t epoch, std::int64_t members);
  Broken on_synced(NodeId node, const Event& event);
  Broken on_lease(NodeId node, Instant time, const Event& event);
  void on_append(NodeId node, const Event& event);
  Broken on_commit(NodeId node, const Event& event);
  Broken on_acknowledged(NodeId node, const Event& event);
  Broken on_read(NodeId node, const Event& event);
  void on_install(NodeId node, const Event& event);
  void cite(BrokenInvariant& broken, std::int64_t hash, const std::string& fate) const;
  Replica& replica(NodeId node);

  raft::RaftInvariants service_;
  std::map<NodeId, Replica> replicas_;
  std::map<std::int64_t, std::int64_t> chains_;  // by epoch, packed
  std::vector<Committed> committed_;             // by index
  std::map<std::int64_t, std::int64_t> ops_;     // by hash of the entry that was made for it
  std::map<std::int64_t, std::int64_t> ran_;     // by op: at which index
  Acknowledged newest_;
};

}  // namespace sunder::chain
