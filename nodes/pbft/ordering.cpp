// The three phases (4.2).

#include <algorithm>

#include "nodes/pbft/node.h"

namespace sunder::pbft {

void PbftNode::on_pre_prepare(const Sealed<PrePrepare>& message) {
  const PrePrepare& body = message.body;
  const Flaws& flaws = config_.flaws;
  if (!active_ || body.view != view_ || !in_window(body.sequence) || is_primary()) return;
  if (message.sender != primary_of(view_) && !flaws.pre_prepare_overwrites) return;
  const Slot* slot = log_.find(body.sequence);
  bool taken = slot != nullptr && (slot->accepted || slot->awaits_batch) && slot->view == view_;
  if (taken && !(flaws.pre_prepare_overwrites && slot->digest != body.digest)) return;
  if (!is_genuine(message)) return;
  if (digest_of(body.batch) != body.digest) {
    runtime_.probe("refused a batch with a wrong digest");
    return;
  }
  if (!std::all_of(body.batch.begin(), body.batch.end(),
                   [&](const Request& request) { return is_valid(request); })) {
    return;
  }
  accept(body.sequence, body.digest, std::make_shared<const Batch>(body.batch));
}

// As the primary too, whose pre-prepare is its vote.
void PbftNode::accept(std::int64_t sequence, std::int64_t digest, SharedBatch batch) {
  log_.accept(sequence, view_, digest, std::move(batch), !config_.flaws.votes_not_persisted);
  barrier();
  runtime_.trace({.kind = "accepted",
                  .numbers = {{{"sequence", sequence}, {"view", view_}, {"digest", digest}}}});
  if (is_primary()) return;
  send_prepare(sequence, log_.at(sequence));
  check_prepared(sequence);
  execute_committed();
}

void PbftNode::send_prepare(std::int64_t sequence, const Slot& slot) {
  to_all(Message(authenticated(keys_, Prepare{slot.view, sequence, slot.digest})), true);
}

void PbftNode::send_commit(std::int64_t sequence, const Slot& slot) {
  to_all(Message(authenticated(
             keys_, Commit{slot.prepared->view, sequence, slot.prepared->digest})),
         true);
}

void PbftNode::on_prepare(NodeId sender, const Prepare& prepare) {
  if (!in_window(prepare.sequence) || sender == primary_of(prepare.view)) return;
  Vote& vote = log_.at(prepare.sequence).prepares[index_of(sender)];
  if (prepare.view < vote.view) return;
  vote = {prepare.view, prepare.digest};
  check_prepared(prepare.sequence);
}

std::size_t PbftNode::prepares_for(const Slot& slot) const {
  const Flaws& flaws = config_.flaws;
  auto counts = [&](const Vote& vote) {
    if (flaws.votes_of_any_digest) return vote.view >= 0;
    return vote.view == slot.view && vote.digest == slot.digest;
  };
  auto votes =
      static_cast<std::size_t>(std::count_if(slot.prepares.begin(), slot.prepares.end(), counts));
  // flaw votes-without-sender: a set of senders that are all undefined.
  if (flaws.votes_without_sender) return std::min<std::size_t>(votes, 1);
  return flaws.primary_must_prepare ? votes : votes + 1;
}

void PbftNode::check_prepared(std::int64_t sequence) {
  Slot& slot = log_.at(sequence);
  if (!active_ || !slot.accepted || slot.view != view_) return;
  bool done = slot.prepared && slot.prepared->view == view_ &&
              (slot.prepared->digest == slot.digest || !config_.flaws.pre_prepare_overwrites);
  if (done || prepares_for(slot) < quorum_) return;
  log_.prepare(sequence, view_, slot.digest, !config_.flaws.votes_not_persisted);
  barrier();
  runtime_.trace({.kind = "prepared",
                  .numbers = {{{"sequence", sequence},
                               {"view", view_},
                               {"digest", slot.digest}}}});
  send_commit(sequence, slot);
  if (config_.flaws.reply_when_prepared) execute_committed();
}

void PbftNode::on_commit(NodeId sender, const Commit& commit) {
  if (!in_window(commit.sequence)) return;
  Vote& vote = log_.at(commit.sequence).commits[index_of(sender)];
  if (commit.view < vote.view) return;
  vote = {commit.view, commit.digest};
  check_committed(commit.sequence);
}

// Whoever commits has prepared, and of so many one that is correct: what they commit stays, whether
// or not this replica has voted for it, or has left that view.
std::optional<std::int64_t> PbftNode::quorum_of_commits(const Slot& slot) const {
  const Flaws& flaws = config_.flaws;
  for (const Vote& candidate : slot.commits) {
    if (candidate.view < 0) continue;
    auto counts = [&](const Vote& vote) {
      if (flaws.votes_of_any_digest) return vote.view >= 0;
      return vote.view == candidate.view && vote.digest == candidate.digest;
    };
    auto votes =
        static_cast<std::size_t>(std::count_if(slot.commits.begin(), slot.commits.end(), counts));
    if (flaws.votes_without_sender) votes = std::min<std::size_t>(votes, 1);
    if (votes < quorum_) continue;
    if (flaws.votes_of_any_digest && slot.accepted) return slot.digest;
    return candidate.digest;
  }
  return {};
}

void PbftNode::check_committed(std::int64_t sequence) {
  Slot& slot = log_.at(sequence);
  bool repeats = config_.flaws.executes_per_commit;
  if (slot.committed && !repeats) return;
  slot.committed = quorum_of_commits(slot);
  if (!slot.committed) return;
  auto batch = slot.batches.find(*slot.committed);
  if (repeats && batch != slot.batches.end()) {
    execute(sequence, *SharedBatch(batch->second));
    return;
  }
  execute_committed();
}

}  // namespace sunder::pbft
