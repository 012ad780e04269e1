// Causal consistency with convergent conflict handling: a client carries what its session has seen,
// and whichever replica it asks waits for that.
//
// Source: Lloyd, Freedman, Kaminsky and Andersen, "Don't Settle for Eventual: Scalable Causal
// Consistency for Wide-Area Storage with COPS", SOSP 2011, sections 4 and 5. Other than there, a
// dependency names a write (node, sequence), not a key and its version: `a newer version of the key
// is there` does not imply that the older one's own dependencies are. As a node's writes are
// counted without gaps, the nearest dependencies are one count for each node.
// Claim: causal-convergence, also for sessions that move between replicas: a get waits, or is
// refused, until the session's context is applied; a put's Lamport time exceeds that of every
// dependency in the context, so that the order of stamps extends causality.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks.
// Gives up: recency (a replica may lag without bound); availability to a session that moves to a
// replica which lacks its context; concurrent writes are settled by stamp, and one of them is lost.
// On disk and on the wire: nodes/register/replica/write_log.h, nodes/register/messages.h and
// nodes/register/replica/write.h.

#include "nodes/register/replica/system.h"

namespace sunder {
namespace {

using namespace registers;

ReplicaConfig replica_from(const SystemConfig& wanted) {
  ReplicaConfig config{.rules = {.in_order = true, .hold_back = true, .gated = true}};
  config.flaws.no_sync = wanted.has("ack-before-sync");
  config.flaws.requests_never_wait = wanted.has("context-not-awaited");
  config.flaws.reads_without_version = wanted.has("notes-read-without-its-version");
  config.flaws.applied_at_once = wanted.has("notes-readiness-never-checked");
  config.flaws.blind_overwrite = wanted.has("notes-blind-overwrite");
  config.flaws.clock_not_merged = wanted.has("notes-clock-never-merged");
  config.flaws.unready_dropped = wanted.has("notes-unready-dropped");
  config.flaws.sent_once = config.flaws.unready_dropped;
  config.flaws.needs_never_met = wanted.has("notes-dependencies-by-identity");
  return with_options(config, wanted.options);
}

ClientConfig session_from(const SystemConfig& wanted) {
  ClientConfig config{.pinned = wanted.options.text("sessions") == "pinned"};
  if (wanted.has("notes-no-session-context")) return config;
  config.session = {true, true, true, true};
  return config;
}

std::vector<Flaw> flaws() {
  return {
      {"context-not-awaited",
       "a replica answers at once, whatever the session has seen elsewhere (a client library that "
       "holds the context, and a server that ignores it)",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation"},
      {"ack-before-sync",
       "nothing is synced before it is told, so that a restarted node gives the name of a write to "
       "another one",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"notes-read-without-its-version",
       "the notes' listing of causal consistency: a read never adds the version that it returned "
       "to the session's dependencies",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation", "Causal"},
      {"notes-no-session-context",
       "the notes' listing of causal consistency: dependencies are a parameter with an empty "
       "default, and no session fills it",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation", "Causal"},
      {"notes-readiness-never-checked",
       "the notes' listing of causal consistency: the check whether an update can be applied is "
       "never called",
       {"none", "partition"},
       "multi-register", "broken-invariant", "Causal"},
      {"notes-blind-overwrite",
       "the notes' listing of causal consistency: an applied update overwrites whatever is there, "
       "so that replicas settle concurrent writes differently",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation", "Causal"},
      {"notes-unready-dropped",
       "the notes' listing of causal consistency: there is no buffer and no second sending, so "
       "that an update that comes too early is lost at that replica; final reads show it",
       {"partition", "pause"},
       "multi-register", "diverged", "Causal", {}, "eventual"},
      {"notes-dependencies-by-identity",
       "the notes' listing of causal consistency: dependencies are compared as objects, so that "
       "none is ever found after it has crossed the wire; final reads show it",
       {"none"},
       "multi-register", "diverged", "Causal", {}, "eventual"},
      {"notes-clock-never-merged",
       "the notes' listing of causal consistency: the clock is not merged with that of a received "
       "update, so that a causal overwrite may lose",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation", "Causal"},
  };
}

}  // namespace

void add_causal(Registry<System>& registry) {
  System system;
  system.name = "causal";
  system.summary = "sessions carry their context and any replica waits for it, like COPS";
  system.claim = [](const SystemConfig&) { return std::string("causal-convergence"); };
  system.options = replica_options();
  system.options.push_back(sessions_option());
  system.flaws = flaws();
  system.fault_model =
      "crashes with recovery, partitions, pauses, loss, delay, doubling, reordering, any clocks; "
      "sessions may move, for they carry what they have seen";
  const std::vector<std::string> lagging{"sessions=pinned", "push=false", "gossip-interval=200ms"};
  system.settings = {lagging, {"compact-every=20"}};
  system.limits = {
      {.lifted = "", .claim = "pram", .workload = "multi-register", .set = lagging},
      {.lifted = "", .claim = "causal-memory", .workload = "multi-register", .set = lagging},
      {.lifted = "", .claim = "sequential", .workload = "multi-register"},
      {.lifted = "sessions carry what they have seen",
       .workload = "multi-register",
       .flaw = "notes-no-session-context"}};
  use_replicas(system, replica_from, session_from);
  registry.add(std::move(system));
}

}  // namespace sunder
