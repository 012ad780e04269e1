// Chain replication with apportioned queries, in epochs that leases keep apart.
//
// Source: van Renesse and Schneider, "Chain Replication for Supporting High Throughput and
// Availability", OSDI 2004, section 3; reads at any replica by Terrace and Freedman, "Object
// Storage on CRAQ: High-throughput Chain Replication for Read-mostly Workloads", USENIX ATC 2009,
// section 2.3. Both assume that servers fail by stopping and that a failure is detected (OSDI 2004,
// section 3). Instead of that there are epochs, and leases of them by Gray and Cheriton, "Leases:
// An Efficient Fault-Tolerant Mechanism for Distributed File Cache Consistency", SOSP 1989. The
// master is a configuration service on nodes/raft, of which every node hosts a member.
// Claim: linearizable.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, wall clocks of any kind; the rates of two monotonic clocks differ by no more
// than clock-rate-bound.
// Gives up: availability while a failed member is found out and its lease runs out; a chain goes on
// with a single member, and then waits for that one if it fails, since nobody else has everything;
// configurations are decided by a majority of all nodes. A state is transferred in one message.
// On disk: nodes/raft's log and keys; nodes/chain/log.h; "chain configuration" -> one number.
// On the wire: nodes/kv/messages.h with clients, nodes/chain/messages.h between replicas,
// nodes/raft/messages.h between members of the service.

#include "nodes/chain/invariants.h"
#include "nodes/chain/node.h"
#include "nodes/kv/client.h"

namespace sunder {

void add_chain(Registry<System>& registry) {
  System system;
  system.name = "chain";
  system.summary =
      "chain replication with reads at any replica (CRAQ), epochs, leases, and a configuration "
      "service on Raft";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = kv_verbs();
  system.options = chain::options();
  system.flaws = chain::flaws();
  system.fault_model =
      "crashes with recovery, message faults, partitions, pauses, any wall clocks; monotonic "
      "clocks within clock-rate-bound of each other";
  system.limits = {{.lifted = "replicas serve under leases only", .flaw = "no-leases"},
                   {.lifted = "leases are measured by a clock of bounded rate",
                    .flaw = "lease-on-wall-clock"}};
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages =
      MessageCodec::of<KvRequest, KvReply, chain::Renew, chain::Grant, chain::Forward,
                       chain::Acked, chain::Query, chain::QueryReply, chain::Install,
                       raft::RequestVote, raft::VoteReply, raft::AppendEntries, raft::AppendReply,
                       raft::InstallSnapshot, raft::SnapshotReply>();
  system.make_node = [](Runtime& runtime, const SystemConfig& wanted) -> std::unique_ptr<Node> {
    return std::make_unique<chain::ChainNode>(runtime, chain::config_from(wanted));
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    return std::make_unique<KvClient>(
        channel, KvClientConfig{.retry_after = wanted.options.duration("client-retry"),
                                .datatype = wanted.datatype});
  };
  system.make_invariants = [] { return std::make_unique<chain::ChainInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
