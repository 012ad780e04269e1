#pragma once
// How one run wants the Dynamo-style store: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::dynamo {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool first_replicas_only = false;
  bool repair_by_filtered_index = false;
  bool missing_version_wins = false;
  bool equal_stamps = false;
  bool repair_after_return = false;
  bool quorum_undefined = false;
  bool no_hint_on_error = false;
  bool waits_for_hung_replica = false;
  bool hint_hot_loop = false;
  bool hints_in_memory = false;
  bool blind_replay = false;
  bool wall_clock_stamps = false;
  bool hints_count = false;
  bool fallbacks_count = false;
  bool stamp_above_own_copy = false;
  bool hint_dropped_when_sent = false;
  bool tree_not_updated = false;
  bool anti_entropy_overwrites = false;
  bool ack_before_sync = false;
};

struct Config {
  Flaws flaws;
  std::size_t replicas = 3;      // N: of each key, at most all nodes
  std::size_t reads = 2;         // R: answers that a read waits for
  std::size_t writes = 2;        // W: replicas that must hold a write
  bool sloppy = false;           // the first N nodes that are up count, whoever they are
  bool quorum_stamps = true;     // else by the coordinator's clock
  bool blocking_repair = false;  // before the answer
  bool pinned = false;           // sessions stay at their home
  std::int64_t phi_milli = 0;    // from which on a node counts as down
  Duration retransmit{0};        // to replicas that have not answered
  Duration give_up{0};           // of a coordinator, when the client has given up too

  /// R answers meet every W replicas, and are answers of replicas.
  bool quorums_meet() const { return !sloppy && quorum_stamps && reads + writes > replicas; }
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);
/// The consistency model that a configuration gives; its flaws are not looked at.
std::string claim_of(const Config& config);

}  // namespace sunder::dynamo
