#pragma once
// How one run wants the quorum register: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::abd {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool read_without_write_back = false;
  bool one_answer_is_enough = false;
  bool tag_without_node = false;
  bool ack_before_sync = false;
  bool volatile_clock = false;
  bool set_without_compare = false;
  bool active_replicas_only = false;
  bool partial_write_fails = false;
  bool waits_for_all = false;
};

struct Config {
  Flaws flaws;
  bool pinned = false;     // sessions stay at their home
  Duration retransmit{0};  // to replicas that have not answered
  Duration give_up{0};     // of a coordinator, when the client has given up too
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::abd
