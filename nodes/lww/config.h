#pragma once
// How one run wants the last-writer-wins register: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::lww {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool clock_not_advanced = false;
  bool equal_stamps = false;
  bool zero_rejected = false;
  bool ack_before_sync = false;
  bool received_overwrites = false;
  bool clock_lost_on_restart = false;
};

struct Config {
  Flaws flaws;
  bool hybrid = false;   // else the bare wall clock
  bool pinned = true;    // sessions stay at their replica
  Duration interval{0};  // between digests
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::lww
