#pragma once
// The promises of the sharded database, checked from the trace alone.

#include <map>

#include "nodes/txn/invariants.h"

namespace sunder::two_phase {

/// Beside those of all transactional systems: a timestamp is above all that were handed out before
/// it, and all participants end a transaction as its coordinator has decided (atomic commitment).
class TwoPhaseInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  Broken on_stamp(NodeId node, const Event& event);
  Broken on_ended(NodeId node, const Event& event);
  Broken unlike(NodeId node, std::int64_t txn, bool applies, const std::string& others) const;

  txn::TxnInvariants transactions_;
  std::int64_t newest_ = 0;                  // timestamp
  std::map<std::int64_t, NodeId> applied_;   // transaction -> a participant that applied its part
};

}  // namespace sunder::two_phase
