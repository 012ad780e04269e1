// Checkpoints, garbage collection, and the transfer of states (4.3; TOCS 2002).

#include <algorithm>

#include "nodes/pbft/node.h"

namespace sunder::pbft {
namespace {

constexpr std::string_view checkpoints_key = "checkpoints";
constexpr std::size_t votes_max = 4;      // kept of each replica
constexpr std::size_t chunk_max = 16384;  // bytes
constexpr std::int64_t state_max = std::int64_t{1} << 28;
// Who is only a little behind gets there by himself.
constexpr Duration patience = std::chrono::milliseconds(100);
constexpr Duration ask_again = std::chrono::milliseconds(200);

std::string state_key(std::int64_t sequence) { return "state-" + std::to_string(sequence); }

}  // namespace

void PbftNode::save_state(std::int64_t sequence, const std::string& bytes) {
  runtime_.storage().put(state_key(sequence), bytes);
}

void PbftNode::save_checkpoints() {
  ByteWriter out;
  out.number(static_cast<std::int64_t>(snapshots_.size()));
  for (const auto& [sequence, snapshot] : snapshots_) out.number(sequence);
  runtime_.storage().put(checkpoints_key, out.take());
}

// One that is missing was never spoken of: the crash came before its barrier.
void PbftNode::recover_states() {
  const Storage& storage = runtime_.storage();
  if (const Bytes* saved = storage.get(checkpoints_key)) {
    ByteReader in(*saved);
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t sequence = in.number();
      const Bytes* bytes = storage.get(state_key(sequence));
      if (bytes == nullptr || !service_.restore(*bytes)) continue;
      snapshots_[sequence] = {digest_of(*bytes), *bytes};
    }
  }
  if (snapshots_.empty()) {
    std::string bytes = service_.snapshot();
    snapshots_[0] = {digest_of(bytes), bytes};
  }
  stable_ = snapshots_.begin()->first;
  executed_ = snapshots_.rbegin()->first;
}

// Durable before it is voted for: when a quorum has, the log may be forgotten.
void PbftNode::take_checkpoint() {
  if (config_.flaws.no_checkpoint) return;
  Snapshot& own = snapshots_[executed_];
  own.bytes = service_.snapshot();
  own.digest = digest_of(own.bytes);
  save_state(executed_, own.bytes);
  save_checkpoints();
  barrier();
  send_checkpoint(executed_);
}

void PbftNode::send_checkpoint(std::int64_t sequence) {
  Checkpoint own{sequence, snapshots_.at(sequence).digest};
  to_all(Message(authenticated(keys_, own)), true);
}

void PbftNode::on_checkpoint(NodeId sender, const Checkpoint& checkpoint) {
  if (checkpoint.sequence <= stable_ || checkpoint.sequence % config_.checkpoint_every != 0) return;
  std::deque<Checkpoint>& own = checkpoint_votes_[index_of(sender)];
  if (std::find(own.begin(), own.end(), checkpoint) == own.end()) own.push_back(checkpoint);
  if (own.size() > votes_max) own.pop_front();
  auto same = std::count_if(
      checkpoint_votes_.begin(), checkpoint_votes_.end(), [&](const auto& votes) {
        return std::find(votes.begin(), votes.end(), checkpoint) != votes.end();
      });
  if (static_cast<std::size_t>(same) >= quorum_) become_stable(checkpoint);
}

void PbftNode::become_stable(const Checkpoint& checkpoint) {
  auto own = snapshots_.find(checkpoint.sequence);
  if (own == snapshots_.end()) {
    if (checkpoint.sequence > executed_) want_state(checkpoint);
    return;
  }
  if (own->second.digest != checkpoint.digest) return;  // more than f are faulty, or this is a bug
  stable_ = checkpoint.sequence;
  for (auto old = snapshots_.begin(); old != own; ++old) {
    runtime_.storage().erase(state_key(old->first));
  }
  snapshots_.erase(snapshots_.begin(), own);
  save_checkpoints();
  barrier();
  log_.discard_through(stable_);
  next_ = std::max(next_, stable_ + 1);
  if (wanted_ && wanted_->checkpoint.sequence <= stable_) wanted_.reset();
  if (is_primary()) propose(false);
}

void PbftNode::want_state(const Checkpoint& checkpoint) {
  if (wanted_ && wanted_->checkpoint.sequence >= checkpoint.sequence) return;
  wanted_ = Wanted{.checkpoint = checkpoint, .since = runtime_.now()};
}

void PbftNode::ask_for_state() {
  if (!wanted_ || count_ < 2) return;
  Instant now = runtime_.now();
  if (now < wanted_->since + patience || now < wanted_->asked + ask_again) return;
  // No answer, or a wrong one: the next replica.
  if (wanted_->asked != Instant{}) {
    ++wanted_->source;
    wanted_->bytes.clear();
  }
  wanted_->asked = now;
  std::size_t other = (index_of(self_) + 1 + wanted_->source % (count_ - 1)) % count_;
  runtime_.send(NodeId::node(static_cast<std::int32_t>(other)),
                Message(FetchState{wanted_->checkpoint.sequence, 0}));
}

void PbftNode::on_fetch_state(NodeId source, const FetchState& request) {
  auto own = snapshots_.find(request.sequence);
  if (own == snapshots_.end() || request.offset < 0) return;
  const std::string& bytes = own->second.bytes;
  auto offset = static_cast<std::size_t>(request.offset);
  if (offset >= bytes.size()) return;
  std::size_t size = std::min(chunk_max, bytes.size() - offset);
  auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  runtime_.send(source, Message(StateChunk{
                            .sequence = request.sequence,
                            .offset = request.offset,
                            .size = static_cast<std::int64_t>(bytes.size()),
                            .data = {begin, begin + static_cast<std::ptrdiff_t>(size)}}));
}

void PbftNode::on_state_chunk(NodeId source, const StateChunk& chunk) {
  if (!wanted_ || chunk.sequence != wanted_->checkpoint.sequence) return;
  if (chunk.offset != static_cast<std::int64_t>(wanted_->bytes.size())) return;
  if (chunk.data.empty() || chunk.size > state_max) return;
  wanted_->bytes.append(chunk.data.begin(), chunk.data.end());
  wanted_->asked = runtime_.now();
  auto got = static_cast<std::int64_t>(wanted_->bytes.size());
  if (got < chunk.size) {
    runtime_.send(source, Message(FetchState{chunk.sequence, got}));
    return;
  }
  install_state();
}

void PbftNode::install_state() {
  Wanted wanted = std::move(*wanted_);
  wanted_.reset();
  std::int64_t sequence = wanted.checkpoint.sequence;
  if (sequence <= executed_) return;
  bool right = digest_of(wanted.bytes) == wanted.checkpoint.digest || config_.flaws.state_unchecked;
  if (!right || !service_.restore(wanted.bytes)) {
    runtime_.probe("refused a state with a wrong digest");
    wanted_ = Wanted{.checkpoint = wanted.checkpoint,
                     .since = wanted.since,
                     .asked = wanted.asked,
                     .source = wanted.source};
    return;
  }
  runtime_.probe("installed a state");
  executed_ = stable_ = sequence;
  failed_views_ = 0;
  for (const auto& [old, snapshot] : snapshots_) runtime_.storage().erase(state_key(old));
  snapshots_.clear();
  save_state(sequence, wanted.bytes);
  snapshots_[sequence] = {digest_of(wanted.bytes), std::move(wanted.bytes)};
  save_checkpoints();
  barrier();
  runtime_.trace({.kind = "installed",
                  .numbers = {{{"sequence", sequence},
                               {"state", static_cast<std::int64_t>(service_.digest())}}}});
  log_.discard_through(sequence);
  next_ = std::max(next_, sequence + 1);
  send_checkpoint(sequence);
  std::erase_if(waiting_,
                [&](const auto& waiting) { return !service_.is_new(waiting.second.request); });
  execute_committed();
}

}  // namespace sunder::pbft
