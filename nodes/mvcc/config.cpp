#include "nodes/mvcc/config.h"

#include <algorithm>

namespace sunder::mvcc {
namespace {

constexpr std::string_view levels[] = {"read-uncommitted", "read-committed", "repeatable-read",
                                       "serializable"};

}  // namespace

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {{"isolation", Kind::choice, "serializable",
           "what transactions are kept apart by; repeatable-read is snapshot isolation",
           {levels, levels + 4}},
          {"snapshots", Kind::choice, "fresh",
           "whether a snapshot is as new as the begin of its transaction, or may be older",
           {"fresh", "stale"}},
          {"lag", Kind::duration, "20ms", "how old a stale snapshot may be"},
          {"idle-limit", Kind::duration, "1s",
           "until a transaction whose client says nothing is aborted"},
          {"give-up", Kind::duration, "1500ms",
           "until a client gives up a transaction that it has not asked to commit"},
          txn::held_to_option()};
}

std::vector<Flaw> flaws() {
  return {
      {.name = "newest-writer-only",
       .summary = "a read that overlooks several versions conflicts with the writer of the newest "
                  "one only, not with that of the first (PostgreSQL 9.1 to 12.3, as Jepsen found "
                  "in 2020)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
      {.name = "reads-forgotten-at-commit",
       .summary = "what a transaction has read is forgotten when it commits, though transactions "
                  "that run beside it may still overwrite it (the mistake that Cahill, Roehm and "
                  "Fekete warn of, SIGMOD 2008, section 3)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
      {.name = "read-only-untracked",
       .summary = "transactions that write nothing are taken to be harmless and their reads are "
                  "not tracked (Fekete, O'Neil, O'Neil, \"A Read-Only Transaction Anomaly Under "
                  "Snapshot Isolation\", 2004)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
      {.name = "updaters-unchecked",
       .summary = "a snapshot is read from, and writes go on top of versions that it does not "
                  "hold, so that updates are lost (MySQL's REPEATABLE READ, Jepsen on MySQL "
                  "8.0.34)",
       .shown_by = {"none"},
       .workload = "bank",
       .anomaly = "wrong-total",
       .set = {"isolation=repeatable-read"}},
      {.name = "snapshot-per-statement",
       .summary = "each read takes a new snapshot, so that a transaction sees half of another "
                  "(read skew, as in MariaDB Galera Cluster, Jepsen 2015)",
       .shown_by = {"none"},
       .workload = "bank",
       .anomaly = "wrong-total",
       .set = {"isolation=repeatable-read"}},
      {.name = "dirty-reads",
       .summary = "reads return what a transaction under way has written, whether it will commit "
                  "or not (VoltDB 6.3, Jepsen 2016)",
       .shown_by = {"none"},
       .workload = "list-append",
       .set = {"isolation=read-committed"}},
      {.name = "commit-runs-again",
       .summary = "a transaction whose commit was not answered in time is run again from its "
                  "beginning, and may be committed twice (jetcd 0.8.2, Jepsen 2024; MongoDB "
                  "4.2.6, SERVER-48307)",
       .shown_by = {"pause", "kill"},
       .workload = "list-append"},
      {.name = "ack-before-sync",
       .summary = "commits are synced once a second, after they were acknowledged (PostgreSQL's "
                  "synchronous_commit=off, InnoDB's innodb_flush_log_at_trx_commit=0)",
       .shown_by = {"kill"},
       .workload = "list-append"},
      {.name = "torn-commit",
       .summary = "a commit is one record for each key and nothing says that all of them are "
                  "there, so that a crash keeps half a transaction (MySQL's MyISAM tables)",
       .shown_by = {"kill"},
       .workload = "bank"},
      {.name = "rollback-keeps-writes",
       .summary = "an aborted transaction's writes stay (tables without transactions beside "
                  "others, as MySQL documents of MyISAM)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "G1a"},
      {.name = "lagging-snapshots",
       .summary = "a new transaction reads a snapshot from before commits that clients know of "
                  "(reads that a replica serves, promised as strict: Jepsen on VoltDB 6.3)",
       .shown_by = {"none"},
       .workload = "list-append",
       .anomaly = "broken-invariant"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.newest_writer_only = wanted.has("newest-writer-only");
  flaws.reads_forgotten_at_commit = wanted.has("reads-forgotten-at-commit");
  flaws.read_only_untracked = wanted.has("read-only-untracked");
  flaws.updaters_unchecked = wanted.has("updaters-unchecked");
  flaws.snapshot_per_statement = wanted.has("snapshot-per-statement");
  flaws.dirty_reads = wanted.has("dirty-reads");
  flaws.commit_runs_again = wanted.has("commit-runs-again");
  flaws.ack_before_sync = wanted.has("ack-before-sync");
  flaws.torn_commit = wanted.has("torn-commit");
  flaws.rollback_keeps_writes = wanted.has("rollback-keeps-writes");
  flaws.lagging_snapshots = wanted.has("lagging-snapshots");
  auto level = std::find(levels, levels + 4, wanted.options.text("isolation"));
  config.level = static_cast<txn::Level>(level - levels);
  config.stale = wanted.options.text("snapshots") == "stale";
  bool strong = config.level >= txn::Level::snapshot && !config.stale;
  config.claim = txn::held_to(wanted.options, {config.level, strong});
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(wanted.options.duration(name), least);
  };
  config.lag = at_least("lag", std::chrono::milliseconds(1));
  config.idle_limit = at_least("idle-limit", std::chrono::milliseconds(10));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

}  // namespace sunder::mvcc
