// Pipelined RAM: every replica applies the writes of each sender in the sender's order, and says
// nothing about the order between senders.
//
// Source: Lipton and Sandberg, "PRAM: A Scalable Shared Memory", Princeton CS-TR-180-88, 1988.
// Claim: pram, for sessions that stay at one replica. The order in which that replica applies all
// writes is the order that PRAM asks for.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks. Every replica serves as long as it is up.
// Gives up: agreement. Two replicas apply concurrent writes in different orders and differ for
// ever; with a rule by which the last writer wins it would converge and no longer be PRAM.
// On disk and on the wire: nodes/register/replica/write_log.h, nodes/register/messages.h and
// nodes/register/replica/write.h. The log's order is the order of application.

#include "nodes/register/replica/system.h"

namespace sunder {
namespace {

using namespace registers;

ReplicaConfig replica_from(const SystemConfig& wanted) {
  ReplicaConfig config{.rules = {.in_order = true, .arrival_wins = true}};
  config.flaws.no_sync = wanted.has("ack-before-sync");
  config.flaws.applied_at_once = wanted.has("applied-as-received");
  config.flaws.stamps_decide = wanted.has("last-writer-wins");
  config.flaws.own_first_on_recovery = wanted.has("own-writes-replayed-first");
  config.flaws.first_version_stays = wanted.has("second-update-lost");
  return with_options(config, wanted.options);
}

ClientConfig session_from(const SystemConfig& wanted) {
  return {.pinned = !wanted.has("session-moves")};
}

std::vector<Flaw> flaws() {
  return {
      {"applied-as-received",
       "writes are applied as they arrive, so that a late one of the same sender comes after its "
       "successor (what a transport without order does to a protocol that relies on it)",
       {"none", "partition"},
       "multi-register", "pram-violation"},
      {"session-moves",
       "sessions ask any replica, as behind a load balancer without affinity",
       {"none", "partition"},
       "multi-register", "pram-violation"},
      {"last-writer-wins",
       "concurrent writes are settled by timestamp; it converges, but a replica no longer shows "
       "the writes in one order that has all of them",
       {"none", "partition"},
       "multi-register", "broken-invariant"},
      {"ack-before-sync",
       "nothing is synced before it is told, so that a restarted sender reuses sequence numbers "
       "(Redis's default appendfsync everysec)",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"own-writes-replayed-first",
       "recovery replays a replica's own writes before those of others, as two files would be read "
       "one after the other",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"second-update-lost",
       "the notes' listing of eventual consistency: a comparison that does not exist throws, and "
       "the second update of a key is lost",
       {"none"},
       "multi-register", "pram-violation"},
  };
}

}  // namespace

void add_pram(Registry<System>& registry) {
  System system;
  system.name = "pram";
  system.summary = "each sender's writes in the sender's order, at every replica; no convergence";
  system.claim = [](const SystemConfig&) { return std::string("pram"); };
  system.options = replica_options();
  system.flaws = flaws();
  system.fault_model =
      "crashes with recovery, partitions, pauses, loss, delay, doubling, reordering, any clocks; "
      "sessions stay at their server; replicas need not converge";
  system.limits = {{.lifted = "", .claim = "causal", .workload = "multi-register"},
                   {.lifted = "sessions stay at their server",
                    .workload = "multi-register",
                    .flaw = "session-moves"},
                   {.lifted = "a sender's writes arrive in order",
                    .workload = "multi-register",
                    .flaw = "applied-as-received"}};
  use_replicas(system, replica_from, session_from);
  registry.add(std::move(system));
}

}  // namespace sunder
