// What was lost on the way is sent again to whom it is missing (as the
// status messages of TOCS 2002 do).

#include <algorithm>

#include "nodes/pbft/node.h"

namespace sunder::pbft {
namespace {

constexpr std::int64_t slots_max = 16;  // sent again at a time
constexpr std::int64_t sequence_max = std::int64_t{1} << 60;  // no honest replica gets there
constexpr Duration fetch_again = std::chrono::milliseconds(100);

}  // namespace

void PbftNode::send_status() {
  to_all(Message(authenticated(keys_, Status{view_, active_, stable_, executed_})), false);
}

void PbftNode::on_status(NodeId sender, const Status& status) {
  if (status.executed < 0 || status.executed > sequence_max) return;
  Status before = statuses_[index_of(sender)];
  statuses_[index_of(sender)] = status;
  heard_[index_of(sender)] = runtime_.now();
  if (status.stable < stable_) {
    for (const auto& [sequence, snapshot] : snapshots_) {
      if (sequence > status.stable && sequence > 0) {
        Checkpoint own{sequence, snapshot.digest};
        runtime_.send(sender, Message(authenticated(keys_, own)));
      }
    }
  }
  bool behind = status.view < view_ || (status.view == view_ && !status.active);
  if (behind && active_ && new_view_) runtime_.send(sender, Message(*new_view_));
  if (behind && !active_) send_view_change(sender);
  // Neither a replica that goes on by itself nor what is just under way needs help.
  bool stuck = before.executed == status.executed;
  if (stuck && (status.executed < executed_ || stalled_)) send_slots(sender, status.executed);
}

void PbftNode::send_slots(NodeId target, std::int64_t after) {
  std::int64_t end = after + slots_max;
  for (auto& [sequence, slot] : log_.slots()) {
    if (sequence <= after || sequence > end) continue;
    if (active_ && slot.accepted && slot.view == view_) {
      if (is_primary()) {
        PrePrepare again{view_, sequence, slot.digest, *slot.batches.at(slot.digest)};
        runtime_.send(target, Message(authenticated(keys_, std::move(again))));
      } else {
        Prepare again{view_, sequence, slot.digest};
        runtime_.send(target, Message(authenticated(keys_, again)));
      }
    }
    if (slot.prepared) {
      Commit again{slot.prepared->view, sequence, slot.prepared->digest};
      runtime_.send(target, Message(authenticated(keys_, again)));
    }
  }
}

void PbftNode::fetch_batch(std::int64_t sequence, std::int64_t digest) {
  Slot& slot = log_.at(sequence);
  if (slot.fetched != Instant{} && runtime_.now() < slot.fetched + fetch_again) return;
  slot.fetched = runtime_.now();
  runtime_.probe("fetched a batch");
  to_all(Message(FetchBatch{sequence, digest}), false);
}

void PbftNode::on_fetch_batch(NodeId source, const FetchBatch& request) {
  const Slot* slot = log_.find(request.sequence);
  if (slot == nullptr) return;
  auto found = slot->batches.find(request.digest);
  if (found == slot->batches.end()) return;
  runtime_.send(source, Message(BatchBody{request.sequence, *found->second}));
}

// Nobody's word: the digest tells whether it is the one that was asked for.
void PbftNode::on_batch_body(const BatchBody& body) {
  Slot* slot = log_.find(body.sequence);
  if (slot == nullptr) return;
  std::int64_t digest = digest_of(body.batch);
  bool accepts = active_ && slot->awaits_batch && slot->view == view_ && slot->digest == digest;
  bool executes = slot->committed == digest;
  if ((!accepts && !executes) || slot->batches.contains(digest)) return;
  auto batch = std::make_shared<const Batch>(body.batch);
  slot->batches[digest] = batch;
  if (accepts) {
    accept(body.sequence, digest, batch);
    check_prepared(body.sequence);
  }
  execute_committed();
}

}  // namespace sunder::pbft
