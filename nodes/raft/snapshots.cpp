// Log compaction: section 7 and figure 13.

#include <algorithm>

#include "harness/core/assert.h"
#include "nodes/raft/node.h"

namespace sunder::raft {
namespace {

constexpr std::string_view snapshot_key = "snapshot";
constexpr std::string_view digits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::size_t high = digits.find(text[i]);
    std::size_t low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) return {};
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace

// The voters come first, where they can change.
std::string RaftNode::packed_state(std::int64_t index) const {
  if (!elastic_ || config_.flaws.configuration_not_in_snapshot) return machine_.snapshot();
  const Voters& voters = log_.voters_at(index);
  ByteWriter head;
  head.number(voters.index);
  head.number(voters.now);
  head.number(voters.before);
  return head.take() + machine_.snapshot();
}

// A node of another version may have written it, that keeps voters where this one does not, or the
// other way round.
std::optional<Voters> RaftNode::restore(std::string_view bytes) {
  bool keeps = elastic_ && !config_.flaws.configuration_not_in_snapshot;
  ByteReader in(bytes);
  Voters voters;
  voters.index = in.number();
  voters.now = in.number();
  voters.before = in.number();
  bool has_head = in.ok();
  std::string_view behind = has_head ? in.rest() : std::string_view();
  if (keeps && has_head && machine_.restore(behind)) return voters;
  if (machine_.restore(bytes)) return first_voters();
  if (!keeps && has_head && machine_.restore(behind)) return first_voters();
  return {};
}

void RaftNode::maybe_take_snapshot() {
  if (applied_ - log_.base() < config_.snapshot_every) return;
  std::int64_t index = applied_;
  if (config_.flaws.snapshot_off_by_one && log_.has(index + 1)) ++index;
  snapshot_ = packed_state(index);
  save_snapshot(index);
}

// The log may forget what the snapshot holds only when the snapshot is durable.
void RaftNode::save_snapshot(std::int64_t index) {
  std::int64_t term = log_.term_at(index);
  std::int64_t hash = log_.hash_at(index);
  ByteWriter head;
  head.number(index);
  head.number(term);
  head.number(hash);
  runtime_.storage().put(snapshot_key, head.take() + snapshot_);
  barrier();
  log_.discard_through(index);
  applied_ = std::max(applied_, index);
  commit_ = std::max(commit_, index);
  runtime_.trace({.kind = "snapshot",
                  .numbers = {{{"index", index},
                               {"term", term},
                               {"hash", hash},
                               {"state", static_cast<std::int64_t>(machine_.digest())}}}});
}

void RaftNode::send_snapshot(NodeId peer, Progress& progress) {
  if (progress.snapshot != log_.base()) {
    progress.snapshot = log_.base();
    progress.snapshot_offset = 0;
  }
  auto offset = std::min(static_cast<std::size_t>(progress.snapshot_offset), snapshot_.size());
  std::string_view chunk = std::string_view(snapshot_).substr(offset, config_.snapshot_chunk);
  progress.probing = true;
  progress.probe_sent = true;
  runtime_.send(peer, Message(InstallSnapshot{
                          .term = term_,
                          .last_index = log_.base(),
                          .last_term = log_.term_at(log_.base()),
                          .hash = log_.hash_at(log_.base()),
                          .offset = static_cast<std::int64_t>(offset),
                          .data = to_hex(chunk),
                          .done = offset + chunk.size() == snapshot_.size(),
                          .round = round_}));
}

void RaftNode::on_install_snapshot(NodeId source, const InstallSnapshot& request) {
  SnapshotReply reply{.term = term_, .last_index = request.last_index, .round = request.round};
  if (request.term < term_) {
    barrier();
    runtime_.send(source, Message(reply));
    return;
  }
  if (request.term > term_) adopt_term(request.term);
  if (role_ == Role::leader) return;
  if (role_ != Role::follower || leader_ != source) become_follower(source);
  contact_ = runtime_.now();
  reply.term = term_;

  if (request.last_index <= commit_) {
    reply.done = true;  // committed entries agree, so there is nothing to install
  } else {
    if (incoming_index_ != request.last_index || request.offset == 0) {
      incoming_index_ = request.last_index;
      incoming_.clear();
    }
    std::optional<std::string> data = from_hex(request.data);
    bool follows = request.offset == static_cast<std::int64_t>(incoming_.size());
    if (data && follows) {
      incoming_ += *data;
      if (request.done) install(request);
    }
    reply.done = request.last_index <= commit_;
    reply.offset = static_cast<std::int64_t>(incoming_.size());
  }
  barrier();
  runtime_.send(source, Message(reply));
}

void RaftNode::install(const InstallSnapshot& request) {
  incoming_index_ = 0;
  std::string bytes = std::move(incoming_);
  incoming_.clear();
  std::optional<Voters> voters = restore(bytes);
  if (!voters) return;
  snapshot_ = std::move(bytes);
  ByteWriter head;
  head.number(request.last_index);
  head.number(request.last_term);
  head.number(request.hash);
  runtime_.storage().put(snapshot_key, head.take() + snapshot_);
  barrier();
  // Entries after the snapshot stay when they follow it (figure 13, step 6).
  bool keeps_tail = log_.has(request.last_index) &&
                    log_.term_at(request.last_index) == request.last_term;
  if (keeps_tail) {
    log_.discard_through(request.last_index);
  } else {
    log_.reset(request.last_index, request.last_term, request.hash, *voters);
  }
  commit_ = applied_ = request.last_index;
  runtime_.probe("snapshot installed");
  runtime_.trace({.kind = "installed",
                  .numbers = {{{"index", request.last_index},
                               {"term", request.last_term},
                               {"hash", request.hash},
                               {"state", static_cast<std::int64_t>(machine_.digest())},
                               {"kept", keeps_tail ? 1 : 0}}}});
  note_voters();
}

void RaftNode::on_snapshot_reply(NodeId source, const SnapshotReply& reply) {
  if (reply.term > term_) {
    adopt_term(reply.term);
    return;
  }
  if (role_ != Role::leader || reply.term < term_) return;
  Progress& progress = progress_[static_cast<std::size_t>(source.index)];
  heard_from(progress, reply.round);
  if (role_ != Role::leader) return;
  if (reply.done) {
    progress.match = std::max(progress.match, reply.last_index);
    progress.next = std::max(progress.next, progress.match + 1);
    progress.snapshot = 0;
    progress.probe_sent = false;
    advance_commit();
    if (elastic_) drive_change();
    if (role_ != Role::leader) return;
  } else {
    // A restarted follower holds less than before; the next heartbeat goes on from there.
    if (reply.last_index != progress.snapshot) return;
    bool gained = reply.offset > progress.snapshot_offset;
    progress.snapshot_offset = std::max<std::int64_t>(reply.offset, 0);
    if (!gained) return;
  }
  send_append(source, progress, progress.snapshot != 0);
}

}  // namespace sunder::raft
