// Raft: the record of the system. The protocol is in nodes/raft.
//
// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC
// 2014 (extended version), section 6 for membership; Ongaro's thesis, "Consensus: Bridging Theory
// and Practice", 2014, sections 3.10 (transfer of leadership), 4 (membership), 6.3 (sessions), 6.4
// (reads) and 9.6 (pre-vote).
// Claim: linearizable.
// Fault model: crashes and restarts with what was synced, loss, partitions, pauses, any clocks;
// lease reads need clock rates that differ by no more than clock-rate-bound.
// Gives up: progress without a majority of the voters.
// On disk: hard-state (term, vote), snapshot (index, term, hash; where membership changes index and
// sets of the voters; the machine), the log (index, term, command; a configuration is a command).
// On the wire: nodes/raft/messages.h and nodes/kv/messages.h.

#include "nodes/kv/client.h"
#include "nodes/raft/invariants.h"
#include "nodes/raft/node.h"

namespace sunder {

void add_raft(Registry<System>& registry) {
  System system;
  system.name = "raft";
  system.summary =
      "registers, sets, queues and more, replicated by Raft, with sessions, snapshots and three "
      "kinds of read";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = kv_verbs();
  system.fault_model =
      "crashes and restarts with what was synced, lost, late and doubled messages, partitions, "
      "pauses; progress with a majority of the voters; lease reads also assume that clock rates "
      "differ by no more than clock-rate-bound";
  system.options = raft::raft_options();
  system.flaws = raft::raft_flaws();
  system.fault_model =
      "crashes with recovery, pauses, loss, delay, doubling, reordering; read=lease needs clocks "
      "whose rates differ little; progress with a connected majority";
  system.settings = {{"read=log"}, {"read=lease"}, {"members=3", "reconfigure=500ms"}};
  system.limits = {
      {.lifted = "state is durable before it is told", .flaw = "no-sync"},
      {.lifted = "leases are measured by a clock of bounded rate",
       .flaw = "lease-under-clock-jump"}};
  system.instructions = raft::raft_instructions();
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages = raft::raft_messages();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<raft::RaftNode>(runtime, raft::raft_config(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<KvClient>(
        channel, KvClientConfig{.retry_after = config.options.duration("client-retry"),
                                .datatype = config.datatype});
  };
  system.make_invariants = [] { return std::make_unique<raft::RaftInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
