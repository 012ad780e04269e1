#pragma once
// How one run wants the chain: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::chain {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool no_leases = false;
  bool epoch_starts_at_once = false;
  bool grants_without_quorum = false;
  bool lease_from_receipt = false;
  bool lease_on_wall_clock = false;
  bool no_epoch_check = false;
  bool read_dirty = false;
  bool version_query_skipped = false;
  bool ack_from_head = false;
  bool join_before_transfer = false;
  bool no_sync = false;
  bool retry_applied_twice = false;
};

struct Config {
  Flaws flaws;
  Duration beat{0};        // between signs of life, to the neighbours and to the service
  Duration lease{0};       // counted by its holder from when it asked
  Duration lease_wait{0};  // after which the service takes every older lease for expired
  Duration dead_after{0};  // silence after which the service removes a member
  Duration stall_after{0};  // without an answer, after which a member has its successor removed
  Duration give_up{0};      // of a read that waits for the tail
  std::int64_t snapshot_every = 0;  // entries
  std::size_t sessions = 0;         // kept at most
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::chain
