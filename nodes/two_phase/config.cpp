#include "nodes/two_phase/config.h"

#include <algorithm>

namespace sunder::two_phase {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {{"isolation", Kind::choice, "strict-serializable",
           "whether reads are locked and checked as writes are, or writes alone",
           {"snapshot", "strict-serializable"}},
          {"retransmit", Kind::duration, "100ms",
           "until other nodes are asked again, and a participant asks for a decision"},
          {"idle-limit", Kind::duration, "1s",
           "until a transaction whose client says nothing is aborted"},
          {"coordinator-limit", Kind::duration, "1s",
           "until a coordinator aborts a transaction that other nodes keep waiting"},
          {"give-up", Kind::duration, "1500ms",
           "until a client gives up a transaction that it has not asked to commit"},
          txn::held_to_option()};
}

std::vector<Flaw> flaws() {
  return {
      {.name = "decision-unlogged",
       .summary = "the coordinator keeps its decisions in memory only, so that after a crash those "
                  "still in doubt are told to abort what others have applied (what the forced "
                  "commit record is for: Mohan, Lindsay, Obermarck, TODS 1986, section 2)",
       .shown_by = {"kill"},
       .workload = "bank"},
      {.name = "vote-before-sync",
       .summary = "a participant votes yes before its prepared state is durable",
       .shown_by = {"kill"},
       .workload = "list-append"},
      {.name = "oracle-forgets",
       .summary = "the timestamp oracle saves its time now and then instead of a bound ahead of "
                  "it, and hands out old timestamps after a crash (what Percolator's oracle "
                  "avoids: Peng, Dabek, OSDI 2010, section 2.3)",
       .shown_by = {"kill"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
      {.name = "commit-time-before-locks",
       .summary = "the commit timestamp is drawn before all locks are held, so that a snapshot "
                  "above it may have read without it",
       .shown_by = {"none"},
       .workload = "bank"},
      {.name = "reads-ignore-locks",
       .summary = "a read does not wait for a lock that may belong to a commit below its snapshot "
                  "(Percolator, section 2.2, says that it must)",
       .shown_by = {"none"},
       .workload = "bank",
       .anomaly = "wrong-total"},
      {.name = "lock-failure-ignored",
       .summary = "a lock that could not be taken is reported as taken (YugaByte DB 1.1.9, Jepsen "
                  "2019: the status of a timed-out lock was not passed on)",
       .shown_by = {"none"},
       .workload = "bank",
       .anomaly = "wrong-total"},
      {.name = "reads-unvalidated",
       .summary = "reads take no locks and are not checked, which is snapshot isolation at best "
                  "(YugaByte DB 1.3.1 allowed G2-item under serializable, Jepsen 2019)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
      {.name = "participant-gives-up",
       .summary = "a participant in doubt rolls back by itself when the decision keeps it waiting "
                  "(XA's heuristic rollback)",
       .shown_by = {"partition", "kill", "pause"},
       .workload = "bank"},
      {.name = "prepared-lost-on-restart",
       .summary = "what was prepared is gone after a restart of its participant (MySQL before "
                  "5.7.7, bug 12161 and WL#6860)",
       .shown_by = {"kill"},
       .workload = "list-append"},
      {.name = "blind-retry",
       .summary = "a transaction that met a conflict is tried again with a new snapshot and the "
                  "writes that it computed from the old one (TiDB 2.1.7, Jepsen 2019)",
       .shown_by = {"none"},
       .workload = "bank",
       .anomaly = "wrong-total"},
      {.name = "presumed-commit",
       .summary = "a coordinator that knows nothing of a transaction says that it was committed, "
                  "without the record that presumed commit forces first (Mohan, Lindsay, "
                  "Obermarck, TODS 1986, section 4)",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "bank"},
      {.name = "nobody-asks",
       .summary = "a participant in doubt waits for the decision to be told and never asks, so "
                  "that what a lost message has locked stays locked",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "bank",
       .anomaly = "no-progress"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.decision_unlogged = wanted.has("decision-unlogged");
  flaws.vote_before_sync = wanted.has("vote-before-sync");
  flaws.oracle_forgets = wanted.has("oracle-forgets");
  flaws.commit_time_before_locks = wanted.has("commit-time-before-locks");
  flaws.reads_ignore_locks = wanted.has("reads-ignore-locks");
  flaws.lock_failure_ignored = wanted.has("lock-failure-ignored");
  flaws.reads_unvalidated = wanted.has("reads-unvalidated");
  flaws.participant_gives_up = wanted.has("participant-gives-up");
  flaws.prepared_lost_on_restart = wanted.has("prepared-lost-on-restart");
  flaws.blind_retry = wanted.has("blind-retry");
  flaws.presumed_commit = wanted.has("presumed-commit");
  flaws.nobody_asks = wanted.has("nobody-asks");
  bool snapshot = wanted.options.text("isolation") == "snapshot";
  config.level = snapshot ? txn::Level::snapshot : txn::Level::serializable;
  config.claim = txn::held_to(wanted.options, {config.level, true});
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(wanted.options.duration(name), least);
  };
  config.retransmit = at_least("retransmit", std::chrono::milliseconds(1));
  config.idle_limit = at_least("idle-limit", std::chrono::milliseconds(10));
  config.coordinator_limit = at_least("coordinator-limit", std::chrono::milliseconds(10));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

}  // namespace sunder::two_phase
