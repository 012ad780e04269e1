// Eventual consistency by rumours and anti-entropy, and the four session guarantees on top of it.
//
// Source: Demers and others, "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987,
// sections 1.3 and 1.4; Terry and others, "Session Guarantees for Weakly Consistent Replicated
// Data", PDIS 1994, sections 4 and 5 (read and write sets, and the version vectors for them).
// Claim: by the option `session`: eventual; or one of read-your-writes, monotonic-reads,
// monotonic-writes and writes-follow-reads; or, with all four, causal-convergence, since a write
// carries what it needs to every replica. The two guarantees about writes are visible only to a
// reader with monotonic reads, so those two give that as well.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks; sessions move freely between replicas.
// Gives up: without guarantees everything but convergence; concurrent writes are settled by
// (Lamport time, node), and one of them is lost; a guarantee costs a session its availability at
// replicas that lack what it has seen.
// On disk and on the wire: nodes/register/replica/write_log.h, nodes/register/messages.h and
// nodes/register/replica/write.h. Writes are pushed once to all and then exchanged by digests.

#include "nodes/register/replica/system.h"

namespace sunder {
namespace {

using namespace registers;

SessionRules rules_of(const std::string& session) {
  SessionRules rules;
  bool all = session == "all";
  rules.writes_need_writes = all || session == "monotonic-writes";
  rules.writes_need_reads = all || session == "writes-follow-reads";
  rules.reads_need_writes = all || session == "read-your-writes";
  rules.reads_need_reads = all || session == "monotonic-reads" || rules.writes_need_writes ||
                           rules.writes_need_reads;
  return rules;
}

// A flaw of the sessions can only be seen with sessions, so that it implies them.
std::string session_of(const SystemConfig& wanted) {
  const std::string& session = wanted.options.text("session");
  bool of_sessions = wanted.has("vectors-not-awaited") || wanted.has("gaps-counted-as-known") ||
                     wanted.has("writes-not-held-back");
  return of_sessions && session == "none" ? "all" : session;
}

std::string claim_of(const SystemConfig& wanted) {
  std::string session = session_of(wanted);
  if (session == "none") return "eventual";
  return session == "all" ? "causal-convergence" : session;
}

ReplicaConfig replica_from(const SystemConfig& wanted) {
  SessionRules session = rules_of(session_of(wanted));
  ReplicaConfig config;
  config.rules.hold_back = session.writes_need_writes || session.writes_need_reads;
  config.rules.gated = session.reads_need_writes || session.reads_need_reads;
  config.flaws.no_sync = wanted.has("notes-volatile");
  config.flaws.clock_not_merged = wanted.has("notes-clock-never-merged");
  config.flaws.blind_overwrite = wanted.has("notes-no-tie-break");
  config.flaws.first_version_stays = wanted.has("notes-second-update-throws");
  config.flaws.sent_once = wanted.has("notes-sent-once");
  config.flaws.wall_tie_break = wanted.has("dominance-then-wall-clock");
  config.flaws.requests_never_wait = wanted.has("vectors-not-awaited");
  config.flaws.highest_counts = wanted.has("gaps-counted-as-known");
  config.flaws.applied_at_once = wanted.has("writes-not-held-back");
  return with_options(config, wanted.options);
}

ClientConfig session_from(const SystemConfig& wanted) {
  return {.pinned = wanted.options.text("sessions") == "pinned",
          .session = rules_of(session_of(wanted))};
}

/// Each session guarantee alone is less than its neighbour, and none is nothing of them.
std::vector<Limit> limits() {
  std::vector<Limit> all;
  auto refuted = [&](const char* claim, std::vector<std::string> set) {
    all.push_back({.lifted = "", .claim = claim, .workload = "multi-register",
                   .set = std::move(set)});
  };
  for (const char* claim : {"read-your-writes", "monotonic-reads", "monotonic-writes",
                            "writes-follow-reads", "causal"}) {
    refuted(claim, {});
  }
  refuted("monotonic-reads", {"session=read-your-writes"});
  refuted("read-your-writes", {"session=monotonic-reads"});
  refuted("read-your-writes", {"session=monotonic-writes"});
  refuted("read-your-writes", {"session=writes-follow-reads"});
  refuted("sequential", {"session=all"});
  return all;
}

std::vector<Flaw> flaws() {
  return {
      {"notes-second-update-throws",
       "the notes' listing of eventual consistency: the comparison of versions calls a function "
       "that does not exist, so that the second update of any key is lost",
       {"none"},
       "multi-register", "converged-on-overwritten", "Eventual"},
      {"notes-no-tie-break",
       "the notes' listing of eventual consistency: concurrent updates are applied as they come, "
       "so that replicas swap them",
       {"none", "partition"},
       "multi-register", "diverged", "Eventual"},
      {"notes-clock-never-merged",
       "the notes' listing of eventual consistency: the clock is never merged on receipt, so that "
       "an overwrite of what was read looks concurrent, or older",
       {"none"},
       "multi-register", "converged-on-overwritten", "Eventual"},
      {"notes-volatile",
       "the notes' listing of eventual consistency: state lives in memory, so that what was "
       "acknowledged is lost and names are reused",
       {"kill"},
       "multi-register", "broken-invariant", "Eventual"},
      {"notes-sent-once",
       "the notes' listing of eventual consistency: an update is sent once, without a retry, and "
       "what is called synchronisation does nothing, so that a replica that missed it never learns "
       "of it; final reads show it",
       {"partition", "kill"},
       "multi-register", "diverged", "Eventual"},
      {"dominance-then-wall-clock",
       "a version that knows of the other wins, else the later wall clock does: not transitive, so "
       "that three versions settle differently by their order of arrival",
       {"clock"},
       "multi-register", "broken-invariant"},
      {"vectors-not-awaited",
       "servers ignore the session's vectors; implies session=all unless another is chosen",
       {"none", "partition"},
       "multi-register", "causal-convergence-violation"},
      {"gaps-counted-as-known",
       "a replica's vector says the highest sequence of each node, gaps or not, so that what is "
       "missing is neither waited for nor sent again; implies session=all",
       {"partition", "pause"},
       "multi-register", "broken-invariant"},
      {"writes-not-held-back",
       "a write is applied before those that it needs; implies session=all",
       {"none", "partition"},
       "multi-register", "broken-invariant"},
  };
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = replica_options();
  all.push_back(sessions_option());
  all.push_back({"session", OptionSpec::Kind::choice, "none",
                 "the session guarantee that is given and claimed",
                 {"none", "read-your-writes", "monotonic-reads", "monotonic-writes",
                  "writes-follow-reads", "all"}});
  return all;
}

}  // namespace

void add_gossip(Registry<System>& registry) {
  System system;
  system.name = "gossip";
  system.summary = "writes spread by rumours and digests; session guarantees by Terry's vectors";
  system.claim = claim_of;
  system.options = options();
  system.flaws = flaws();
  system.fault_model =
      "crashes with recovery, partitions, pauses, loss, delay, doubling, reordering, any clocks; "
      "sessions may move, for they carry the vectors of what they need";
  for (const char* session : {"read-your-writes", "monotonic-reads", "monotonic-writes",
                              "writes-follow-reads", "all"}) {
    system.settings.push_back({std::string("session=") + session});
  }
  system.limits = limits();
  use_replicas(system, replica_from, session_from);
  registry.add(std::move(system));
}

}  // namespace sunder
