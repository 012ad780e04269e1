// A first-in-first-out queue over Raft: every element that was put in comes out once.
//
// Source: the replicated state machine of nodes/raft (Ongaro and Ousterhout, "In Search of an
// Understandable Consensus Algorithm", USENIX ATC 2014); its sessions make retries harmless
// (Ongaro's thesis, 2014, section 6.3), which is what exactly-once delivery needs of a broker.
// Claim: linearizable as a queue: no element is lost, doubled or overtaken by one that was put in
// after it was acknowledged.
// Fault model: that of raft: crashes and restarts, loss, partitions, pauses, any clocks.
// Gives up: progress without a majority; a consumer that dies between taking an element and using
// it keeps it, for there are no acknowledgements by consumers.
// On disk and on the wire: as Raft; the commands are enqueue and dequeue.

#include "nodes/kv/client.h"
#include "nodes/queue/node.h"
#include "nodes/raft/invariants.h"

namespace sunder {

void add_queue(Registry<System>& registry) {
  System system;
  system.name = "queue";
  system.summary = "a first-in-first-out queue over Raft that delivers exactly once";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.fault_model =
      "crashes and restarts with what was synced, lost, late and doubled messages, partitions, "
      "pauses, any clocks; progress with a majority";
  system.limits = {{.lifted = "state is durable before it is told", .flaw = "kept-in-memory"}};
  system.verbs = {{"fifo-queue", {"enqueue", "dequeue"}}};
  system.options = raft::raft_options();
  system.flaws = queue::queue_flaws();
  system.instructions = raft::raft_instructions();
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages = raft::raft_messages();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<queue::QueueNode>(runtime, queue::queue_config(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<KvClient>(
        channel, KvClientConfig{.retry_after = config.options.duration("client-retry"),
                                .datatype = "fifo-queue",
                                .renames_takes = config.has("take-retried-as-another")});
  };
  system.make_invariants = [] { return std::make_unique<raft::RaftInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
