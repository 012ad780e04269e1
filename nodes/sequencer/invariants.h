#pragma once
// The promises of total-order broadcast, checked from the trace alone.

#include <map>
#include <vector>

#include "harness/api/invariants.h"

namespace sunder::sequencer {

/// An epoch is opened once, and a promise that was counted survives its node's restart; every node
/// delivers the same entry at an index and has the same state after it (agreement, total order),
/// and delivers without gaps.
class SequencerInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Delivered {
    std::int64_t word = 0;
    std::int64_t state = 0;
    NodeId node;
  };
  Broken on_boot(NodeId node, const Event& event);
  Broken on_deliver(NodeId node, const Event& event);

  std::map<std::int64_t, NodeId> sequencers_;           // by epoch
  std::map<std::int64_t, Delivered> delivered_;         // by index: what the first node delivered
  std::map<std::int64_t, std::int64_t> counted_;        // by node: its newest counted promise
  std::map<std::int32_t, std::int64_t> at_;             // by node: the last index
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> ops_;  // (node, number) -> op
};

}  // namespace sunder::sequencer
