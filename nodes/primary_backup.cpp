// A primary with one backup, and a view service that says who they are.
//
// Source: Alsberg and Day, "A Principle for Resilient Sharing of Distributed Resources", ICSE 1976;
// the view service and its rule (a view changes only when its primary has acknowledged it) as in
// MIT 6.824's lab 2 of 2013; Budhiraja, Marzullo, Schneider and Toueg, "The Primary-Backup
// Approach", 1993.
// Claim: with synchronous replication linearizable, since a deposed primary is fenced off by its
// backup, which it must ask for every write and every read. With asynchronous replication nothing:
// it is linearizable until the first fail-over, after which acknowledged writes are missing.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks.
// Gives up: fail-over while the view service, n1, is down (it is one node); service while the
// primary is up and neither its backup nor the view service can be reached; of a pair that is down
// only one that has everything may go on. The log is kept for ever.
// On disk: "view" -> number, primary, backup; a log of (view, key, value); as zigzag varints.
// On the wire: nodes/register/messages.h with clients, nodes/primary_backup/messages.h.

#include "nodes/primary_backup/invariants.h"
#include "nodes/primary_backup/server.h"
#include "nodes/register/client.h"

namespace sunder {

void add_primary_backup(Registry<System>& registry) {
  System system;
  system.name = "primary_backup";
  system.summary = "a primary and a backup in views that a view service decides, with fencing";
  system.claim = [](const SystemConfig& wanted) -> std::string {
    return primary_backup::config_from(wanted).async ? "nothing" : "linearizable";
  };
  system.verbs = {{"register", {"read", "write"}}};
  system.options = primary_backup::options();
  system.flaws = primary_backup::flaws();
  system.fault_model =
      "crashes with recovery, pauses, loss, delay, doubling and reordering, any clocks; the view "
      "service is one node that never forgets; asynchronous: nothing survives a fail-over";
  system.limits = {{.lifted = "a write is at the backup before it is acknowledged",
                    .claim = "linearizable",
                    .workload = "multi-register",
                    .set = {"replication=async"}},
                   {.lifted = "a deposed primary is fenced off",
                    .workload = "multi-register",
                    .flaw = "no-fencing"}};
  system.messages = MessageCodec::of<registers::Request, registers::Reply, primary_backup::Ping,
                                     primary_backup::Announce, primary_backup::Forward,
                                     primary_backup::Forwarded>();
  system.make_node = [](Runtime& runtime, const SystemConfig& wanted) -> std::unique_ptr<Node> {
    primary_backup::Config config = primary_backup::config_from(wanted);
    if (runtime.self() == runtime.peers().front()) {
      return std::make_unique<primary_backup::ViewService>(runtime, config);
    }
    return std::make_unique<primary_backup::Server>(runtime, config);
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    primary_backup::Config config = primary_backup::config_from(wanted);
    return std::make_unique<registers::RegisterClient>(
        channel, registers::ClientConfig{.give_up_after = config.give_up + 2 * config.ping,
                                         .redirected = true,
                                         .pinned = false});
  };
  system.make_invariants = [] {
    return std::make_unique<primary_backup::PrimaryBackupInvariants>();
  };
  registry.add(std::move(system));
}

}  // namespace sunder
