#pragma once
// How one run wants the database: its isolation, its other options, and its flaws.

#include "harness/api/system.h"
#include "nodes/txn/claims.h"

namespace sunder::mvcc {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool newest_writer_only = false;
  bool reads_forgotten_at_commit = false;
  bool read_only_untracked = false;
  bool updaters_unchecked = false;
  bool snapshot_per_statement = false;
  bool dirty_reads = false;
  bool commit_runs_again = false;
  bool ack_before_sync = false;
  bool torn_commit = false;
  bool rollback_keeps_writes = false;
  bool lagging_snapshots = false;
};

struct Config {
  Flaws flaws;
  txn::Level level = txn::Level::serializable;
  txn::Claim claim;         // that the invariants check
  bool stale = false;       // snapshots may be as old as `lag`
  Duration lag{0};
  Duration idle_limit{0};   // of a transaction whose client says nothing
  Duration give_up{0};      // of a client, before the commit
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::mvcc
