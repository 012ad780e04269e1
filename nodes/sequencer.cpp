// Registers by total-order broadcast, read at one's own replica.
//
// Source: Attiya and Welch, "Sequential Consistency versus Linearizability", TOCS 12(2), 1994 (the
// algorithm of fast reads over atomic broadcast); the broadcast has a fixed sequencer as in Defago,
// Schiper and Urban, "Total Order Broadcast and Multicast Algorithms: Taxonomy and Survey", ACM
// Computing Surveys 36(4), 2004; fail-over by epochs that a majority promises, each with one
// possible sequencer, and by the log comparison of Ongaro and Ousterhout, 2014, section 5.4.
// Claim: sequential. A write is acknowledged after its delivery at the client's own replica;
// sessions are pinned, or carry the index of what they have seen, which any replica waits for.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks. Writes go on while a majority is connected; reads at any replica.
// Gives up: recency of reads, without bound on the minority's side; the order is kept for ever: no
// snapshots, no changes of membership.
// On disk: "boot", "promised" and "commit" -> numbers; a log of entries (epoch, node, boot, number,
// key, value); all as zigzag varints.
// On the wire: nodes/register/messages.h with clients, nodes/sequencer/messages.h between nodes.

#include "nodes/register/client.h"
#include "nodes/sequencer/invariants.h"
#include "nodes/sequencer/node.h"

namespace sunder {

void add_sequencer(Registry<System>& registry) {
  System system;
  system.name = "sequencer";
  system.summary = "total-order broadcast by a sequencer, reads at the session's own replica";
  system.claim = [](const SystemConfig&) { return std::string("sequential"); };
  system.verbs = {{"register", {"read", "write"}}};
  system.options = sequencer::options();
  system.flaws = sequencer::flaws();
  system.fault_model =
      "crashes with recovery, pauses, loss, delay, doubling and reordering, any clocks; sessions "
      "stay at their server or carry their index; progress with a connected majority";
  system.settings = {{"sessions=carried"}};
  system.limits = {{.lifted = "", .claim = "linearizable", .workload = "multi-register"},
                   {.lifted = "sessions stay, or carry their index",
                    .workload = "multi-register",
                    .flaw = "session-moves"}};
  system.messages =
      MessageCodec::of<registers::Request, registers::Reply, sequencer::Submit,
                       sequencer::Submitted, sequencer::Prepare, sequencer::Promise,
                       sequencer::Append, sequencer::Appended>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<sequencer::SequencerNode>(runtime, sequencer::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    sequencer::Config config = sequencer::config_from(wanted);
    bool carried = config.carried;
    return std::make_unique<registers::RegisterClient>(
        channel,
        registers::ClientConfig{
            .give_up_after = config.give_up + 2 * config.heartbeat,
            .pinned = !carried && !config.flaws.session_moves,
            .session = {.reads_need_writes = carried, .reads_need_reads = carried}});
  };
  system.make_invariants = [] { return std::make_unique<sequencer::SequencerInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
