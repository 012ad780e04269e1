#pragma once
// How one run wants Raft: its options, and its flaws.

#include "harness/api/system.h"
#include "nodes/kv/objects/leases.h"

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
  bool single_quorum_while_joint = false;
  bool switch_without_joint = false;
  bool committed_configuration = false;
  bool single_change_without_noop = false;
  bool spares_counted = false;
  bool removed_leader_goes_on = false;
  bool configuration_not_in_snapshot = false;
  bool lease_kept_over_transfer = false;
  bool transfer_without_election = false;
  bool notes_votes_not_rechecked = false;
  bool notes_nothing_persisted = false;
  bool notes_waits_for_all_votes = false;
  bool notes_length_at_reply_time = false;
  bool notes_reply_term_ignored = false;
  bool notes_first_entry_skipped = false;
  bool notes_success_uncommitted = false;
  bool notes_no_deduplication = false;
  bool notes_empty_append_commits = false;
  bool commits_old_terms() const {
    return commit_old_term_by_counting || notes_empty_append_commits;
  }
  /// Whether one of these shows only where membership changes.
  bool of_membership() const;
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
  LeaseFlaws leases{};              // of the machine
  std::size_t members = 0;          // voters at first; 0: all nodes
  Duration reconfigure{0};          // between a leader's changes; 0: never
  bool single_changes = false;      // by one server at a time, without a joint configuration
  bool elastic = false;             // voters can be exchanged when an operator asks for it
};

/// Whether a cluster of so many nodes ever has others than all of them as its voters. A fixed one
/// keeps no configuration on disk.
bool is_elastic(const Config& config, std::size_t nodes);

std::vector<OptionSpec> raft_options();
std::vector<Flaw> raft_flaws();
std::vector<Instruction> raft_instructions();
Flaws flaws_of(const SystemConfig& config);
Config raft_config(const SystemConfig& config);
MessageCodec raft_messages();

}  // namespace sunder::raft
