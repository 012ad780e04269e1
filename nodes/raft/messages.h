#pragma once
// Raft's messages: figures 2 and 13 of the paper. The sender stands in the envelope.

#include "nodes/kv/command.h"

namespace sunder::raft {

struct Entry {
  std::int64_t term = 0;
  KvCommand command;
  static constexpr auto fields() {
    return std::tuple{field("term", &Entry::term), field("command", &Entry::command)};
  }
  bool operator==(const Entry&) const = default;
};

struct RequestVote {
  static constexpr std::string_view type = "request_vote";
  std::int64_t term = 0;  // the term wanted, also of a pre-vote
  bool pre = false;       // would you vote for me? Changes nothing (thesis, section 9.6)
  std::int64_t last_index = 0;
  std::int64_t last_term = 0;
  static constexpr auto fields() {
    return std::tuple{field("term", &RequestVote::term), field("pre", &RequestVote::pre),
                      field("last_index", &RequestVote::last_index),
                      field("last_term", &RequestVote::last_term)};
  }
  bool operator==(const RequestVote&) const = default;
};

/// The same of a candidate that its leader told to stand: voters grant it though they hear that
/// leader (thesis, section 4.2.3).
struct RequestVoteNow {
  static constexpr std::string_view type = "request_vote_now";
  std::int64_t term = 0;
  std::int64_t last_index = 0;
  std::int64_t last_term = 0;
  static constexpr auto fields() {
    return std::tuple{field("term", &RequestVoteNow::term),
                      field("last_index", &RequestVoteNow::last_index),
                      field("last_term", &RequestVoteNow::last_term)};
  }
  bool operator==(const RequestVoteNow&) const = default;
};

struct VoteReply {
  static constexpr std::string_view type = "vote_reply";
  std::int64_t term = 0;  // the voter's; of a granted pre-vote, the term asked for
  bool pre = false;
  bool granted = false;
  static constexpr auto fields() {
    return std::tuple{field("term", &VoteReply::term), field("pre", &VoteReply::pre),
                      field("granted", &VoteReply::granted)};
  }
  bool operator==(const VoteReply&) const = default;
};

struct AppendEntries {
  static constexpr std::string_view type = "append_entries";
  std::int64_t term = 0;
  std::int64_t previous_index = 0;
  std::int64_t previous_term = 0;
  std::int64_t commit = 0;
  std::int64_t round = 0;  // echoed; proves that the answer is younger than the round
  std::vector<Entry> entries;
  static constexpr auto fields() {
    return std::tuple{field("term", &AppendEntries::term),
                      field("previous_index", &AppendEntries::previous_index),
                      field("previous_term", &AppendEntries::previous_term),
                      field("commit", &AppendEntries::commit),
                      field("round", &AppendEntries::round),
                      field("entries", &AppendEntries::entries)};
  }
  bool operator==(const AppendEntries&) const = default;
};

struct AppendReply {
  static constexpr std::string_view type = "append_reply";
  std::int64_t term = 0;
  bool success = false;
  std::int64_t previous_index = 0;  // echoed
  std::int64_t match = 0;           // of a success: the last index known to agree
  std::int64_t conflict_term = 0;   // of a refusal: the term found there, 0 for none
  std::int64_t conflict_index = 0;  // and where that term, or the gap, begins
  std::int64_t round = 0;
  static constexpr auto fields() {
    return std::tuple{field("term", &AppendReply::term),
                      field("success", &AppendReply::success),
                      field("previous_index", &AppendReply::previous_index),
                      field("match", &AppendReply::match),
                      field("conflict_term", &AppendReply::conflict_term),
                      field("conflict_index", &AppendReply::conflict_index),
                      field("round", &AppendReply::round)};
  }
  bool operator==(const AppendReply&) const = default;
};

struct InstallSnapshot {
  static constexpr std::string_view type = "install_snapshot";
  std::int64_t term = 0;
  std::int64_t last_index = 0;
  std::int64_t last_term = 0;
  std::int64_t hash = 0;    // of the log up to last_index
  std::int64_t offset = 0;  // of this chunk
  std::string data;         // hexadecimal, so that it is text in every form
  bool done = false;
  std::int64_t round = 0;
  static constexpr auto fields() {
    return std::tuple{field("term", &InstallSnapshot::term),
                      field("last_index", &InstallSnapshot::last_index),
                      field("last_term", &InstallSnapshot::last_term),
                      field("hash", &InstallSnapshot::hash),
                      field("offset", &InstallSnapshot::offset),
                      field("data", &InstallSnapshot::data),
                      field("done", &InstallSnapshot::done),
                      field("round", &InstallSnapshot::round)};
  }
  bool operator==(const InstallSnapshot&) const = default;
};

struct SnapshotReply {
  static constexpr std::string_view type = "snapshot_reply";
  std::int64_t term = 0;
  std::int64_t last_index = 0;  // echoed
  std::int64_t offset = 0;      // bytes held now
  bool done = false;            // the log agrees up to last_index
  std::int64_t round = 0;
  static constexpr auto fields() {
    return std::tuple{field("term", &SnapshotReply::term),
                      field("last_index", &SnapshotReply::last_index),
                      field("offset", &SnapshotReply::offset),
                      field("done", &SnapshotReply::done),
                      field("round", &SnapshotReply::round)};
  }
  bool operator==(const SnapshotReply&) const = default;
};

/// A leader bids its successor stand for election at once (thesis, section 3.10).
struct TimeoutNow {
  static constexpr std::string_view type = "timeout_now";
  std::int64_t term = 0;
  static constexpr auto fields() { return std::tuple{field("term", &TimeoutNow::term)}; }
  bool operator==(const TimeoutNow&) const = default;
};

}  // namespace sunder::raft
