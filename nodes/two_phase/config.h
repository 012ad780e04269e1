#pragma once
// How one run wants the sharded database: its isolation, its other options, and its flaws.

#include "harness/api/system.h"
#include "nodes/txn/claims.h"

namespace sunder::two_phase {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool decision_unlogged = false;
  bool vote_before_sync = false;
  bool oracle_forgets = false;
  bool commit_time_before_locks = false;
  bool reads_ignore_locks = false;
  bool lock_failure_ignored = false;
  bool reads_unvalidated = false;
  bool participant_gives_up = false;
  bool prepared_lost_on_restart = false;
  bool blind_retry = false;
  bool presumed_commit = false;
  bool nobody_asks = false;
};

struct Config {
  Flaws flaws;
  txn::Level level = txn::Level::serializable;
  txn::Claim claim;          // that the invariants check
  Duration retransmit{0};
  Duration idle_limit{0};    // of a transaction whose client says nothing
  Duration coordinator_limit{0};  // of one request of a client, to its coordinator
  Duration give_up{0};       // of a client, before the commit
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::two_phase
