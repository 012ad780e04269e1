#pragma once
// The clients of a simulated run: one seat a thread, in which a fresh client sits down after each
// `info`.

#include <functional>
#include <memory>
#include <vector>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "harness/api/test.h"
#include "harness/sim/network.h"

namespace sunder {

class SimSeat;

class SimClients {
 public:
  using Complete = std::function<void(Op)>;
  /// All references must outlive it.
  SimClients(Kernel& kernel, SimNetwork& network, const Test& test, Complete complete);
  ~SimClients();

  void dispatch(const Op& invocation);  // REQUIRES: a client's; its thread has no open op

  // Events that the world hands over.
  void invoke(const PendingEvent& event);
  void op_timed_out(const PendingEvent& event);
  void timer_due(const PendingEvent& event);
  void receive(const Envelope& envelope);  // for a closed client: lost
  void add_draws(Digest& digest) const;

 private:
  Kernel& kernel_;
  SimNetwork& network_;
  const Test& test_;
  Complete complete_;
  std::vector<NodeId> servers_;
  Slab<Op> invocations_;
  std::vector<std::unique_ptr<SimSeat>> seats_;  // by thread
};

}  // namespace sunder
