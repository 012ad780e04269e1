#pragma once
// The promises of PBFT among correct replicas, checked from the trace alone. Liars and twins trace
// nothing.

#include <map>
#include <vector>

#include "harness/api/invariants.h"

namespace sunder::pbft {

/// Agreement: a sequence number has one batch for all, and so one state after it; executed prefix:
/// every replica executes every number once, in order; one request for each view and number: two
/// correct replicas never prepare different batches there, and none accepts two; validity: what is
/// executed was signed by its client, and an update is executed once. All votes that count are
/// durable, so that this holds across crashes too.
class PbftInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  using Place = std::pair<std::int64_t, std::int64_t>;  // view and sequence number
  struct Executed {
    std::int64_t digest = 0;  // of the batch; 0: not known, but the state is
    std::int64_t state = 0;
    NodeId node;
  };
  struct Voted {
    std::int64_t digest = 0;
    NodeId node;
  };
  struct Replica {
    std::int64_t executed = 0;
    bool diverged = false;                  // what follows from a wrong state is no news
    std::map<Place, std::int64_t> accepted; // since the boot
  };
  struct Run {
    std::int64_t sequence = 0;
    NodeId node;
  };

  Broken on_accepted(NodeId node, const Event& event);
  Broken on_prepared(NodeId node, const Event& event);
  Broken on_executed(NodeId node, const Event& event);
  Broken on_ran(NodeId node, const Event& event);
  Broken on_state(NodeId node, const Event& event);
  Broken same_state(NodeId node, std::int64_t sequence, std::int64_t state);
  void cite(BrokenInvariant& broken, std::int64_t sequence) const;

  std::map<NodeId, Replica> replicas_;
  std::map<std::int64_t, Executed> executed_;               // by sequence number
  std::map<Place, Voted> prepared_;
  std::map<std::pair<std::int64_t, std::int64_t>, Run> runs_;  // by client and timestamp
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, NodeId>>> ops_;  // by number
};

}  // namespace sunder::pbft
