#pragma once
// How one run wants Raft: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::raft {

/// Every bug that this Raft can be told to have, one switch each; `raft_flaws()` says what each
/// does and who shipped it.
struct Flaws {
  bool stale_local_read = false;
  bool leader_read_without_quorum = false;
  bool read_before_first_commit = false;
  bool lease_under_clock_jump = false;
  bool vote_not_persisted = false;
  bool double_vote_after_restart = false;
  bool commit_old_term_by_counting = false;
  bool ack_before_replicated = false;
  bool truncate_on_stale_append = false;
  bool lost_session_table_on_snapshot = false;
  bool snapshot_off_by_one = false;
  bool retry_applied_twice = false;
  bool no_sync = false;
};

enum class ReadMode : std::uint8_t { log, read_index, lease };

struct Config {
  Flaws flaws;
  ReadMode read = ReadMode::read_index;
  Duration election_min{0};     // shortest election time-out; the longest is twice that
  Duration heartbeat{0};
  Duration lease{0};            // how long a confirmed round keeps reads safe
  std::int64_t snapshot_every = 0;  // entries
  std::size_t snapshot_chunk = 0;   // bytes
  std::size_t sessions = 0;         // kept at most
  bool pre_vote = true;
};

std::vector<OptionSpec> raft_options();
std::vector<Flaw> raft_flaws();
Config raft_config(const SystemConfig& config);

}  // namespace sunder::raft
