#pragma once
// How one run wants the lock service: its options, and its flaws.

#include "nodes/raft/config.h"

namespace sunder::lock {

struct Flaws {
  bool tokens_counted_by_leader = false;
  bool granted_before_replicated = false;
  bool lease_by_wall_clock = false;
  bool fail_over_ends_leases = false;
  bool released_by_anyone = false;
  bool renewal_after_expiry = false;
  bool lease_not_checked_by_client = false;
  bool resource_ignores_tokens = false;
};

struct Config {
  raft::Config raft;
  Flaws flaws;
  Duration lease{0};       // as servers measure it
  Duration told{0};        // what clients are told: less, by as much as clock rates may differ
  Duration patience{0};    // of a client that waits for a grant
  Duration retry_after{0};
  std::string datatype;    // of the ops
};

std::vector<OptionSpec> lock_options();
std::vector<Flaw> lock_flaws();
Config lock_config(const SystemConfig& config);

}  // namespace sunder::lock
