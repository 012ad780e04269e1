#pragma once
// The promises of the transactional systems, checked from the trace alone.

#include "harness/api/invariants.h"
#include "nodes/txn/graph.h"

namespace sunder::txn {

/// The level that the nodes say is kept at every commit; no op is committed twice; and a commit
/// that a client knows of is never undone.
class TxnInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;
  const Graph& graph() const { return graph_; }

 private:
  Graph graph_;
};

/// The number under a name, or 0: traces may be damaged, so that one may be missing.
std::int64_t number(const Event& event, std::string_view name);

}  // namespace sunder::txn
