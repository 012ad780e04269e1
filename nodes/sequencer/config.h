#pragma once
// How one run wants the sequencer: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::sequencer {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool ack_before_delivery = false;
  bool queue_per_node = false;
  bool rejected_may_apply = false;
  bool failover_without_majority = false;
  bool promise_not_persisted = false;
  bool commit_not_persisted = false;
  bool no_sync = false;
  bool session_moves = false;
};

struct Config {
  Flaws flaws;
  bool carried = false;  // sessions move and carry an index; else they are pinned
  Duration heartbeat{0};
  Duration election_min{0};  // shortest silence before a fail-over; the longest is twice that
  Duration give_up{0};       // of a write without delivery
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::sequencer
