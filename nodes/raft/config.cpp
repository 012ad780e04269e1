#include "nodes/raft/config.h"

namespace sunder::raft {
namespace {

using Kind = OptionSpec::Kind;

}  // namespace

std::vector<OptionSpec> raft_options() {
  return {
      {"read", Kind::choice, "read-index", "how reads are made linearizable",
       {"log", "read-index", "lease"}},
      {"election-timeout", Kind::duration, "150ms", "shortest; the longest is twice that"},
      {"heartbeat", Kind::duration, "50ms", "between a leader's signs of life"},
      {"clock-rate-bound", Kind::integer, "10",
       "percent by which two clocks' rates may differ, for lease reads"},
      {"snapshot-every", Kind::integer, "500", "log entries between snapshots"},
      {"snapshot-chunk", Kind::integer, "16384", "bytes of a snapshot in one message"},
      {"sessions", Kind::integer, "1000", "client sessions kept; the least recently used go first"},
      {"pre-vote", Kind::boolean, "true", "ask before raising the term (thesis, section 9.6)"},
      {"client-retry", Kind::duration, "400ms", "until a client asks another server"},
  };
}

std::vector<Flaw> raft_flaws() {
  return {
      {"stale-local-read",
       "any node answers reads from its own state (etcd before 0.5 by default; Jepsen 2014)",
       {"partition", "pause"}},
      {"leader-read-without-quorum",
       "a leader never asks whether it still is one, and answers reads (Consul's default reads; "
       "Jepsen 2014)",
       {"partition", "pause"}},
      {"read-before-first-commit",
       "a new leader answers reads before it has committed an entry of its term, so that its "
       "commit index may lag behind what was acknowledged (etcd issue 7331)",
       {"kill", "partition"}},
      {"lease-under-clock-jump",
       "reads by a lease that is measured on the wall clock; implies lease reads (the dependence "
       "on bounded clocks that etcd documents for ReadOnlyLeaseBased)",
       {"clock", "partition"}},
      {"vote-not-persisted",
       "term and vote live in memory only (mgodave/barge, issue 5)",
       {"kill"}},
      {"double-vote-after-restart",
       "recovery restores the term through the same path that enters a new one, which clears the "
       "vote (akka-raft issue 56, found by DEMi; hashicorp/raft issue 661)",
       {"kill"}},
      {"commit-old-term-by-counting",
       "replicas are counted for entries of any term, so no no-op seems needed (Raft paper, figure "
       "8; LogCabin issue 44, PySyncObj issue 169)",
       {"kill", "partition"}},
      {"ack-before-replicated",
       "writes are acknowledged once the leader has them (MongoDB's default write concern until "
       "5.0)",
       {"kill", "partition"}},
      {"truncate-on-stale-append",
       "an AppendEntries drops whatever follows its entries, conflict or not, so that a delayed "
       "one removes acknowledged entries (hashicorp/raft until pull request 113)",
       {"partition", "pause"}},
      {"lost-session-table-on-snapshot",
       "snapshots keep the sessions but not what they have done, so that retries run twice "
       "(Apache Ratis keeps its retry cache in memory only)",
       {"kill", "pause"}},
      {"snapshot-off-by-one",
       "a snapshot is labelled with one index more than it holds (RedisRaft lost updates through "
       "its snapshots; Jepsen 2020)",
       {"kill", "pause"}},
      {"retry-applied-twice",
       "a retried command is carried out again (jetcd; Jepsen 2024)",
       {"partition", "pause"}},
      {"no-sync",
       "nothing is synced before it is promised (Elasticsearch's translog was synced every five "
       "seconds; Jepsen 2015)",
       {"kill"}},
  };
}

Config raft_config(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.stale_local_read = wanted.has("stale-local-read");
  flaws.leader_read_without_quorum = wanted.has("leader-read-without-quorum");
  flaws.read_before_first_commit = wanted.has("read-before-first-commit");
  flaws.lease_under_clock_jump = wanted.has("lease-under-clock-jump");
  flaws.vote_not_persisted = wanted.has("vote-not-persisted");
  flaws.double_vote_after_restart = wanted.has("double-vote-after-restart");
  flaws.commit_old_term_by_counting = wanted.has("commit-old-term-by-counting");
  flaws.ack_before_replicated = wanted.has("ack-before-replicated");
  flaws.truncate_on_stale_append = wanted.has("truncate-on-stale-append");
  flaws.lost_session_table_on_snapshot = wanted.has("lost-session-table-on-snapshot");
  flaws.snapshot_off_by_one = wanted.has("snapshot-off-by-one");
  flaws.retry_applied_twice = wanted.has("retry-applied-twice");
  flaws.no_sync = wanted.has("no-sync");

  const Options& options = wanted.options;
  const std::string& read = options.text("read");
  config.read = read == "log"     ? ReadMode::log
                : read == "lease" ? ReadMode::lease
                                  : ReadMode::read_index;
  if (flaws.lease_under_clock_jump) config.read = ReadMode::lease;
  config.election_min = std::max<Duration>(options.duration("election-timeout"),
                                           std::chrono::milliseconds(1));
  config.heartbeat =
      std::max<Duration>(options.duration("heartbeat"), std::chrono::milliseconds(1));
  std::int64_t bound = std::clamp<std::int64_t>(options.integer("clock-rate-bound"), 0, 100);
  config.lease = config.election_min * 100 / (100 + bound);
  config.snapshot_every = std::max<std::int64_t>(options.integer("snapshot-every"), 1);
  config.snapshot_chunk =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("snapshot-chunk"), 1));
  config.sessions =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("sessions"), 1));
  config.pre_vote = options.boolean("pre-vote");
  return config;
}

}  // namespace sunder::raft
