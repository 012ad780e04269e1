// A database whose keys are spread over all nodes: two-phase commit over a timestamp oracle.
//
// Source: Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed Database
// Management System", TODS 11(4), 1986, sections 2 and 3, presumed abort; snapshots and the oracle
// as in Peng, Dabek, "Large-scale Incremental Processing Using Distributed Transactions and
// Notifications" (Percolator), OSDI 2010, sections 2.2 and 2.3, with a coordinator's log in place
// of a primary lock. For strict serializability reads are locked and checked in the first phase
// too, as by Kung, Robinson, "On Optimistic Methods for Concurrency Control", TODS 6(2), 1981.
// Claim, by option: strict-serializable, or strong snapshot isolation.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks.
// Gives up: service of a shard while its node is down, and of everything while the oracle, n1, is;
// keys stay locked while the coordinator of what is prepared there cannot be asked (two-phase
// commit blocks); waiting, since who meets a lock is aborted; room, as old versions and the log are
// kept for ever.
// On disk: "boot" -> the number of boots; nodes/two_phase/oracle.h; nodes/two_phase/journal.h.
// On the wire: nodes/txn/messages.h with clients, nodes/two_phase/messages.h between nodes.

#include "nodes/txn/client.h"
#include "nodes/two_phase/invariants.h"
#include "nodes/two_phase/node.h"

namespace sunder {

void add_two_phase(Registry<System>& registry) {
  System system;
  system.name = "two_phase";
  system.summary = "a sharded database: two-phase commit, snapshots from a timestamp oracle";
  system.claim = [](const SystemConfig& wanted) {
    return txn::name_of(two_phase::config_from(wanted).claim);
  };
  system.verbs = txn::verbs();
  system.options = two_phase::options();
  system.flaws = two_phase::flaws();
  system.fault_model =
      "crashes with recovery, lost, late, doubled and reordered messages, partitions, pauses, any "
      "clocks; blocks while the oracle or a coordinator in question is down";
  system.settings = {{"isolation=snapshot"}};
  system.limits = {{.lifted = "what is read is locked too",
                    .workload = "list-append",
                    .set = {"isolation=snapshot", "held-to=strict-serializable"}},
                   {.lifted = "the oracle never goes back",
                    .workload = "list-append",
                    .flaw = "oracle-forgets"}};
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages =
      MessageCodec::of<txn::Request, txn::Reply, two_phase::StampRequest, two_phase::Stamp,
                       two_phase::Fetch, two_phase::Fetched, two_phase::Prepare, two_phase::Vote,
                       two_phase::Decide, two_phase::Inquire>();
  system.make_node = [](Runtime& runtime, const SystemConfig& wanted) -> std::unique_ptr<Node> {
    return std::make_unique<two_phase::ShardNode>(runtime, two_phase::config_from(wanted));
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    two_phase::Config config = two_phase::config_from(wanted);
    return std::make_unique<txn::TxnClient>(
        channel,
        txn::ClientConfig{.give_up_after = config.give_up, .datatype = wanted.datatype});
  };
  system.make_invariants = [] { return std::make_unique<two_phase::TwoPhaseInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
