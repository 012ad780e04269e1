// Log replication: section 5.3, with its fast back-tracking; commitment: section 5.4.2.

#include <algorithm>

#include "harness/core/assert.h"
#include "nodes/raft/node.h"

namespace sunder::raft {
namespace {

constexpr std::int64_t entries_max = 256;    // in one message
constexpr std::int64_t pipeline_max = 4096;  // entries sent and not answered

}  // namespace

void RaftNode::on_heartbeat_timer() {
  heartbeat_timer_ = {};
  if (role_ != Role::leader) return;
  Instant now = runtime_.now();
  // Check quorum: a leader that a majority has not answered for long is none any more.
  bool trusts_itself =
      config_.flaws.leader_read_without_quorum ||
      config_.flaws.notes_reply_term_ignored ||
      (config_.flaws.lease_under_clock_jump && runtime_.wall_now() < lease_end_wall_);
  if (now - quorum_contact_ > 2 * config_.election_min && !trusts_itself && !is_alone()) {
    runtime_.probe("leader lost its quorum");
    become_follower({});
    return;
  }
  heartbeat_timer_ = runtime_.start_timer(config_.heartbeat);
  each_other([&](NodeId, Progress& progress) {
    progress.probe_sent = false;
    if (now - progress.heard <= config_.election_min || progress.probing) return;
    progress.probing = true;
    progress.next = progress.match + 1;
  });
  if (config_.flaws.notes_success_uncommitted) acknowledge_uncommitted();
  if (transfer_ && now > transfer_->deadline) transfer_.reset();
  start_round();
  broadcast(true);
}

void RaftNode::start_round() {
  ++round_;
  open_rounds_.push_back({round_, runtime_.now(), runtime_.wall_now()});
  if (is_alone()) {
    confirmed_ = round_;
    confirm_rounds();
  }
}

void RaftNode::broadcast(bool heartbeat) {
  // Followers that stand at the same place share one message.
  Message shared;
  std::int64_t shared_next = 0;
  each_other([&](NodeId peer, Progress& progress) {
    bool window_open = progress.next - progress.match <= pipeline_max;
    bool plain = !progress.probing && progress.snapshot == 0 && window_open &&
                 progress.next > log_.base() && log_.last_index() - progress.next < entries_max;
    if (!plain) {
      send_append(peer, progress, heartbeat);
      return;
    }
    if (!shared || shared_next != progress.next) {
      shared_next = progress.next;
      shared = append_entries_from(progress.next, true);
    }
    runtime_.send(peer, shared);
    progress.next = log_.last_index() + 1;
  });
}

Message RaftNode::append_entries_from(std::int64_t next, bool with_entries) {
  AppendEntries request{.term = term_,
                        .previous_index = next - 1,
                        .previous_term = log_.term_at(next - 1),
                        .commit = commit_,
                        .round = round_};
  std::int64_t end = with_entries ? std::min(log_.last_index() + 1, next + entries_max) : next;
  request.entries.reserve(static_cast<std::size_t>(end - next));
  for (std::int64_t i = next; i < end; ++i) request.entries.push_back(log_.at(i));
  return Message(std::move(request));
}

// The careful path: a follower that is silent, behind, or behind the snapshot.
void RaftNode::send_append(NodeId peer, Progress& progress, bool heartbeat) {
  if (progress.next <= log_.base()) {
    if (!progress.probe_sent || heartbeat) send_snapshot(peer, progress);
    return;
  }
  if (progress.probing) {
    if (progress.probe_sent && !heartbeat) return;
    progress.probe_sent = true;
    runtime_.send(peer, append_entries_from(progress.next, false));
    return;
  }
  bool window_open = progress.next - progress.match <= pipeline_max;
  if (!window_open && !heartbeat) return;
  runtime_.send(peer, append_entries_from(progress.next, window_open));
  if (window_open) progress.next = std::min(log_.last_index() + 1, progress.next + entries_max);
}

void RaftNode::on_append_entries(NodeId source, const AppendEntries& request) {
  if (request.term < term_) {
    barrier();
    runtime_.send(source, Message(AppendReply{.term = term_, .round = request.round}));
    return;
  }
  if (request.term > term_) adopt_term(request.term);
  // With the flaws on, two leaders of one term can meet; neither obeys the other.
  if (role_ == Role::leader) return;
  if (role_ != Role::follower || leader_ != source) become_follower(source);
  contact_ = runtime_.now();

  AppendReply reply{.term = term_,
                    .previous_index = request.previous_index,
                    .round = request.round};
  std::int64_t previous = request.previous_index;
  if (previous > log_.last_index()) {
    reply.conflict_index = log_.last_index() + 1;
  } else if (previous > log_.base() && log_.term_at(previous) != request.previous_term) {
    reply.conflict_term = log_.term_at(previous);
    reply.conflict_index = log_.first_of_term_at(previous);
  } else {
    reply.success = true;
    merge_entries(request);
    reply.match = previous + static_cast<std::int64_t>(request.entries.size());
    commit_to(std::min(request.commit, reply.match));
  }
  // Also when nothing was written now: the term, or earlier entries, may still be on their way.
  barrier();
  runtime_.send(source, Message(reply));
}

// Entries that are there already stay, and so does what follows them: this message may be older
// than another that came before it.
void RaftNode::merge_entries(const AppendEntries& request) {
  std::int64_t index = request.previous_index;
  for (const Entry& entry : request.entries) {
    ++index;
    if (index <= log_.base()) continue;
    if (log_.has(index)) {
      if (log_.term_at(index) == entry.term) continue;
      runtime_.probe("log conflict truncated");
      runtime_.trace({.kind = "truncate", .numbers = {{{"from", index}}}});
      std::int64_t voters_made_at = log_.voters().index;
      log_.truncate_from(index);
      if (log_.voters().index != voters_made_at) note_voters();
    }
    log_.append(entry);
    runtime_.trace({.kind = "append",
                    .numbers = {{{"index", index},
                                 {"term", entry.term},
                                 {"hash", log_.hash_at(index)}}}});
    if (log_.voters().index == index) note_voters();
  }
  if (config_.flaws.truncate_on_stale_append && !request.entries.empty() && log_.has(index + 1)) {
    runtime_.trace({.kind = "truncate", .numbers = {{{"from", index + 1}}}});
    log_.truncate_from(index + 1);
  }
}

void RaftNode::on_append_reply(NodeId source, const AppendReply& reply) {
  if (reply.term > term_ && !config_.flaws.notes_reply_term_ignored) {
    adopt_term(reply.term);
    return;
  }
  if (role_ != Role::leader || reply.term < term_) return;
  Progress& progress = progress_[static_cast<std::size_t>(source.index)];
  heard_from(progress, reply.round);
  if (role_ != Role::leader) return;
  if (!reply.success) {
    back_track(progress, reply);
    if (progress.probing && !progress.probe_sent) send_append(source, progress, false);
    return;
  }
  std::int64_t match =
      config_.flaws.notes_length_at_reply_time ? log_.last_index() : reply.match;
  progress.match = std::clamp(match, progress.match, log_.last_index());
  progress.next = std::max(progress.next, progress.match + 1);
  if (progress.match >= log_.base()) progress.snapshot = 0;
  if (progress.probing && reply.previous_index + 1 >= progress.match) {
    progress.probing = false;
    progress.probe_sent = false;
    progress.next = progress.match + 1;
  }
  advance_commit();
  if (elastic_ || transfer_) drive_change();
  if (role_ != Role::leader) return;
  if (!progress.probing && progress.next <= log_.last_index()) send_append(source, progress, false);
}

// The paper's optimisation: skip a whole term with each refusal.
void RaftNode::back_track(Progress& progress, const AppendReply& reply) {
  bool stale = reply.previous_index <= progress.match ||
               (progress.probing && reply.previous_index != progress.next - 1);
  if (stale) return;
  std::int64_t next = std::max<std::int64_t>(reply.conflict_index, 1);
  if (reply.conflict_term > 0) {
    std::int64_t ours = log_.last_up_to_term(reply.conflict_term);
    bool have_term = ours > log_.base() && log_.term_at(ours) == reply.conflict_term;
    if (have_term) next = ours + 1;
  }
  next = std::min(next, reply.previous_index);
  progress.next = std::max(next, progress.match + 1);
  progress.probing = true;
  progress.probe_sent = false;
}

void RaftNode::heard_from(Progress& progress, std::int64_t round) {
  progress.heard = runtime_.now();
  if (round <= progress.round) return;
  progress.round = round;
  if (round <= confirmed_) return;
  std::int64_t answered = reached(round_, [](const Progress& other) { return other.round; });
  if (answered <= confirmed_) return;
  confirmed_ = answered;
  confirm_rounds();
}

// A majority has answered something sent in this round, so at its beginning nobody else led.
void RaftNode::confirm_rounds() {
  while (!open_rounds_.empty() && open_rounds_.front().number <= confirmed_) {
    quorum_contact_ = open_rounds_.front().sent;
    lease_end_wall_ = std::max(lease_end_wall_, open_rounds_.front().sent_wall + config_.lease);
    lease_taken_ = true;
    open_rounds_.pop_front();
  }
  serve_confirmed_reads();
  if (!reads_.empty() && reads_.back().round > round_) {
    start_round();
    broadcast(false);
  }
}

void RaftNode::advance_commit() {
  // The own log is durable: see invariant 2.
  std::int64_t held = reached(log_.last_index(), [](const Progress& other) { return other.match; });
  if (held <= commit_) return;
  // An entry of an older term may be on a majority and still be replaced (figure 8).
  if (log_.term_at(held) != term_ && !config_.flaws.commits_old_terms()) return;
  commit_to(held);
}

void RaftNode::commit_to(std::int64_t index) {
  index = std::min(index, log_.last_index());
  if (index <= commit_) return;
  bool had_first = may_serve_reads();
  commit_ = index;
  if (!is_alone()) {
    Event event{.kind = "commit",
                .numbers = {{{"index", index},
                             {"term", term_},
                             {"leader", role_ == Role::leader ? 1 : 0}}}};
    if (elastic_ && role_ == Role::leader) event.numbers[3] = {"held", holders(index)};
    runtime_.trace(std::move(event));
  }
  apply_committed();
  if (role_ != Role::leader || had_first || !may_serve_reads()) return;
  on_established();
  if (early_reads_.empty()) return;
  runtime_.probe("reads waited for the term's first commit");
  start_round();
  for (Read& read : early_reads_) {
    read.round = round_;
    reads_.push_back(read);
  }
  early_reads_.clear();
  broadcast(false);
}

}  // namespace sunder::raft
