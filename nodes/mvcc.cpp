// A database on one node: multi-version concurrency control, with the isolation as an option.
//
// Source: Berenson, Bernstein, Gray, Melton, O'Neil, O'Neil, "A Critique of ANSI SQL Isolation
// Levels", SIGMOD 1995, section 4.2 for snapshots, as first updater wins; Cahill, Roehm, Fekete,
// "Serializable Isolation for Snapshot Databases", SIGMOD 2008, section 3; Ports and Grittner,
// "Serializable Snapshot Isolation in PostgreSQL", VLDB 2012, sections 3 and 4. Levels as Adya
// defines them, "Weak Consistency", MIT 1999, chapter 3.
// Claim, by option: serializable with fresh snapshots is strict-serializable, because a snapshot is
// taken when its transaction begins; with stale ones serializable. Repeatable-read is strong
// snapshot isolation, with stale ones plain (generalized: Elnikety, Pedone, Zwaenepoel, SRDS 2005).
// Read-committed is PL-2 and read-uncommitted PL-1.
// Fault model: crashes with recovery, loss, delay, doubling and reordering of messages, pauses, any
// clocks.
// Gives up: service while the node is down; waiting, since who meets a lock is aborted; room, as
// old versions and the log are kept for ever.
// On disk: "boot" -> the number of boots; one record a commit: its number, the transaction, the
// client, the keys each with the write's number and the whole value; all as zigzag varints.
// On the wire: nodes/txn/messages.h.

#include "nodes/mvcc/server.h"
#include "nodes/txn/client.h"
#include "nodes/txn/invariants.h"

namespace sunder {

void add_mvcc(Registry<System>& registry) {
  System system;
  system.name = "mvcc";
  system.summary = "a database on one node: snapshots, write locks, and a choice of isolation";
  system.claim = [](const SystemConfig& wanted) {
    return txn::name_of(mvcc::config_from(wanted).claim);
  };
  system.verbs = txn::verbs();
  system.options = mvcc::options();
  system.flaws = mvcc::flaws();
  system.fault_model =
      "crashes with recovery, lost, late, doubled and reordered messages, pauses, any clocks; "
      "serves while its one node is up";
  system.settings = {{"isolation=repeatable-read"}, {"snapshots=stale"}};
  system.limits = {{.lifted = "writers of one row exclude each other only",
                    .workload = "list-append",
                    .set = {"isolation=repeatable-read", "held-to=serializable"}},
                   {.lifted = "snapshots are taken once, at the begin",
                    .workload = "list-append",
                    .set = {"isolation=read-committed", "held-to=snapshot-isolation"}},
                   {.lifted = "only what is committed is read",
                    .workload = "list-append",
                    .set = {"isolation=read-uncommitted", "held-to=read-committed"}},
                   {.lifted = "snapshots are fresh",
                    .workload = "list-append",
                    .set = {"snapshots=stale", "held-to=strict-serializable"}}};
  system.nodes_default = 1;
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages = MessageCodec::of<txn::Request, txn::Reply>();
  system.make_node = [](Runtime& runtime, const SystemConfig& wanted) -> std::unique_ptr<Node> {
    return std::make_unique<mvcc::Server>(runtime, mvcc::config_from(wanted));
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    mvcc::Config config = mvcc::config_from(wanted);
    return std::make_unique<txn::TxnClient>(
        channel, txn::ClientConfig{.give_up_after = config.give_up,
                                   .fixed_server = true,
                                   .datatype = wanted.datatype,
                                   .runs_again = config.flaws.commit_runs_again});
  };
  system.make_invariants = [] { return std::make_unique<txn::TxnInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
