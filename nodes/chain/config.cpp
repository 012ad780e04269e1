#include "nodes/chain/config.h"

namespace sunder::chain {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {
      {"lease", Kind::duration, "400ms", "how long a replica serves without asking again"},
      {"beat", Kind::duration, "50ms",
       "between signs of life, to neighbours in the chain and to the configuration service"},
      {"dead-after", Kind::duration, "500ms", "silence after which a member is removed"},
      {"stall-after", Kind::duration, "500ms",
       "without an answer, after which a member has its successor removed"},
      {"clock-rate-bound", Kind::integer, "10",
       "percent by which two clocks' rates may differ, for the wait between epochs"},
      {"snapshot-every", Kind::integer, "500", "writes between snapshots"},
      {"sessions", Kind::integer, "1000", "client sessions kept; the least recently used go first"},
      {"client-retry", Kind::duration, "400ms", "until a client asks another server"},
  };
}

std::vector<Flaw> flaws() {
  return {
      {.name = "no-leases",
       .summary = "a replica serves whenever it believes that it is in the chain, as where servers "
                  "fail by stopping and everyone hears of it (OSDI 2004 and CRAQ as published; "
                  "SOFAJRaft's lease reads looked at the role only: its issue 25)",
       .shown_by = {"partition", "pause"}},
      {.name = "epoch-starts-at-once",
       .summary = "leases of a new epoch are granted while a removed replica may still hold one of "
                  "the old (YugabyteDB's new leaders, who knew too early an end of the old lease: "
                  "issue 18121)",
       .shown_by = {"partition", "pause"},
       .anomaly = "nonlinearizable",
       .set = {"dead-after=150ms", "stall-after=200ms"}},
      {.name = "grants-without-quorum",
       .summary = "the leader of the configuration service renews leases without asking whether it "
                  "still is one (etcd renews leases without consensus: pull request 7029)",
       .shown_by = {"partition"}},
      {.name = "lease-from-receipt",
       .summary = "a lease counts from when its grant arrives, not from when it was asked for, so "
                  "that a delay lengthens it (Golem's shard leases, found in review of pull "
                  "request 3834)",
       .shown_by = {"pause"},
       .anomaly = "broken-invariant"},
      {.name = "lease-on-wall-clock",
       .summary = "replicas measure their leases on the wall clock (SOFAJRaft until pull request "
                  "26)",
       .shown_by = {"clock", "partition"}},
      {.name = "no-epoch-check",
       .summary = "a replica takes writes, acknowledgements and queries of any epoch (HDFS appends "
                  "under a generation stamp that is not newer: HDFS-17850)",
       .shown_by = {"partition", "pause"},
       .anomaly = "broken-invariant"},
      {.name = "read-dirty",
       .summary = "a read sees the newest write of its replica, committed or not (VoltDB 6.3; "
                  "Jepsen 2016)",
       .shown_by = {"none"},
       .anomaly = "nonlinearizable"},
      {.name = "version-query-skipped",
       .summary = "a read of a dirty object returns the last clean version, and does not ask the "
                  "tail whether it is the newest (CRAQ's own eventually consistent reads)",
       .shown_by = {"none"},
       .anomaly = "nonlinearizable"},
      {.name = "ack-from-head",
       .summary = "the head acknowledges a write before the others have it (Kafka's producers by "
                  "default, with acks=1, until 3.0)",
       .shown_by = {"kill", "partition", "pause"},
       .anomaly = "nonlinearizable"},
      {.name = "join-before-transfer",
       .summary = "a node joins the chain, and serves, before it has the state (RethinkDB lost "
                  "writes where partitions met reconfigurations; Jepsen 2016)",
       .shown_by = {"kill", "pause", "partition"},
       .anomaly = "broken-invariant"},
      {.name = "no-sync",
       .summary = "nothing is synced before it is told (HDFS's hflush, which reaches every "
                  "datanode's memory and no disk)",
       .shown_by = {"kill"},
       .anomaly = "broken-invariant"},
      {.name = "retry-applied-twice",
       .summary = "a retried command is carried out again (jetcd; Jepsen 2024)",
       .shown_by = {"kill", "partition", "pause"}},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.no_leases = wanted.has("no-leases");
  flaws.epoch_starts_at_once = wanted.has("epoch-starts-at-once");
  flaws.grants_without_quorum = wanted.has("grants-without-quorum");
  flaws.lease_from_receipt = wanted.has("lease-from-receipt");
  flaws.lease_on_wall_clock = wanted.has("lease-on-wall-clock");
  flaws.no_epoch_check = wanted.has("no-epoch-check");
  flaws.read_dirty = wanted.has("read-dirty");
  flaws.version_query_skipped = wanted.has("version-query-skipped");
  flaws.ack_from_head = wanted.has("ack-from-head");
  flaws.join_before_transfer = wanted.has("join-before-transfer");
  flaws.no_sync = wanted.has("no-sync");
  flaws.retry_applied_twice = wanted.has("retry-applied-twice");

  const Options& options = wanted.options;
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(options.duration(name), least);
  };
  config.beat = at_least("beat", std::chrono::milliseconds(1));
  config.lease = at_least("lease", std::chrono::milliseconds(1));
  std::int64_t bound = std::clamp<std::int64_t>(options.integer("clock-rate-bound"), 0, 100);
  config.lease_wait = config.lease * (100 + bound) / 100;
  config.dead_after = at_least("dead-after", std::chrono::milliseconds(2));
  config.stall_after = at_least("stall-after", std::chrono::milliseconds(2));
  config.give_up = at_least("client-retry", std::chrono::milliseconds(2));
  config.snapshot_every = std::max<std::int64_t>(options.integer("snapshot-every"), 1);
  config.sessions =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("sessions"), 1));
  return config;
}

}  // namespace sunder::chain
