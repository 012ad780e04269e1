#pragma once
// Raft's promises, and that of fencing.

#include <map>

#include "nodes/raft/invariants.h"

namespace sunder::lock {

/// Under each key, later grants have greater tokens. Leaders tell the grants that they carry out,
/// so that two may tell the same one: it has the same place in the log.
class LockInvariants final : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  struct Grant {
    std::int64_t index = 0;
    std::int64_t token = 0;
    NodeId node;
  };
  raft::RaftInvariants raft_;
  std::map<std::int64_t, Grant> latest_;  // by key
};

}  // namespace sunder::lock
