#pragma once
// The border between nemesis ops and a cluster, the same in every world: hands each op to its
// nemesis, journals it first, validates that it completes once, and answers the control ops.

#include <functional>
#include <memory>
#include <vector>

#include "harness/api/fault_budget.h"
#include "harness/api/journal.h"
#include "harness/api/test.h"

namespace sunder {

class FaultDriver {
 public:
  using Complete = std::function<void(Op)>;  // the completion; its time is set by the world
  /// All references must outlive the driver; `journal` may be null (the simulator has no machine).
  FaultDriver(const Test& test, Cluster& cluster, Journal* journal, Complete complete);
  void dispatch(const Op& invocation);  // REQUIRES: not a client's

 private:
  void apply(const Op& invocation, const Nemesis& nemesis);
  void await_ready(const Op& invocation, Duration waited);
  void verify_healed(const Op& invocation, Duration waited);
  void finish(const Op& invocation, Outcome outcome);

  const Test& test_;
  Cluster& cluster_;
  Journal* journal_;
  Complete complete_;
  std::unique_ptr<FaultBudget> budget_;  // null: there is no limit
  std::vector<Rng> rngs_;  // one per nemesis
  std::vector<std::unique_ptr<FaultScene>> scenes_;
};

}  // namespace sunder
