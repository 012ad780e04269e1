// A lock service: locks that are leased, with fencing tokens, and a resource that minds tokens.
//
// Source: leases: Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed
// file cache consistency", SOSP 1989, sections 2 and 5 (the lease counts from before the request on
// the client's side, and clock rates, not clocks, must agree). Sequencers: Burrows, "The Chubby
// lock service for loosely-coupled distributed systems", OSDI 2006, section 2.4; a new master waits
// for the leases that it finds, sections 2.8 and 2.9. Fencing tokens: Kleppmann, "How to do
// distributed locking", 2016. Replicated by the Raft of nodes/raft.
// Claim: by option. `fencing`: tokens of a lock grow, and its resource refuses whatever is older
// than what it has met. `exclusion`: moreover no two clients hold a lock at once (linearizable),
// as long as they use it for no longer than its lease.
// Fault model: crashes, loss, partitions, pauses of servers, jumps of wall clocks. Exclusion needs
// clock rates that differ by no more than clock-rate-bound, and clients that do not pause while
// they hold a lock; fencing needs neither.
// Gives up: waiting for a lock (an acquire of one that is held fails at once), and reentrancy.
// On disk and on the wire: as Raft; the commands are lease_acquire, lease_renew, lease_release,
// lease_expire (a leader's own) and fenced_write.

#include "nodes/lock/client.h"
#include "nodes/lock/invariants.h"
#include "nodes/lock/node.h"

namespace sunder {

void add_lock(Registry<System>& registry) {
  System system;
  system.name = "lock";
  system.summary = "locks with leases and fencing tokens over Raft, and a resource that minds them";
  system.claim = [](const SystemConfig& config) {
    return std::string(config.options.text("claim") == "fencing" ? "fencing" : "linearizable");
  };
  system.fault_model =
      "crashes, lost messages, partitions, pauses of servers, jumps of wall clocks; exclusion also "
      "assumes bounded clock rates and clients that use a lock for no longer than its lease";
  system.settings = {{"claim=fencing"}};
  system.limits = {{.lifted = "clients use a lock for no longer than its lease",
                    .workload = "lock",
                    .set = {"hold=4s"}},
                   {.lifted = "leases are measured by a clock of bounded rate",
                    .workload = "lock",
                    .flaw = "lease-by-wall-clock"}};
  system.verbs = lease_verbs();
  system.options = lock::lock_options();
  system.flaws = lock::lock_flaws();
  system.instructions = raft::raft_instructions();
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages = raft::raft_messages();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<lock::LockNode>(runtime, lock::lock_config(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<lock::LockClient>(channel, lock::lock_config(config));
  };
  system.make_invariants = [] { return std::make_unique<lock::LockInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
