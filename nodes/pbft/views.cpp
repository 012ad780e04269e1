// View changes (4.4), with signed view-change messages as in OSDI 1999 and the sets P and Q of
// TOCS 2002 in place of proofs: a new view carries the signed messages that justify it, so that no
// acknowledgements are needed, and nothing in the normal case is signed but requests.

#include <algorithm>

#include "nodes/pbft/node.h"

namespace sunder::pbft {
namespace {

constexpr int doublings_max = 2;
constexpr Duration recent = std::chrono::seconds(1);  // a status tells of the present

}  // namespace

QuorumRules PbftNode::rules() const {
  return {.faults = faults_,
          .quorum = quorum_,
          .window = window(),
          .drop_prepared = config_.flaws.new_view_drops_prepared,
          .need_no_witness = config_.flaws.claims_without_witness};
}

// The oldest wish that was not granted in time accuses the primary; so does a new view that does
// not come though a quorum asked for it.
void PbftNode::check_timeouts() {
  if (config_.flaws.no_view_change) return;
  Instant now = runtime_.now();
  Duration patience = config_.view_timeout * (1 << std::min(failed_views_, doublings_max));
  if (now < view_since_ + patience) return;
  if (active_) {
    bool late = std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& waiting) {
      return now >= waiting.second.since + patience;
    });
    if (late || lacks_company()) start_view_change(view_ + 1);
    return;
  }
  if (view_changes_from(view_) >= quorum_) start_view_change(view_ + 1);
}

// Enough replicas are there for a quorum, but not in this view, and those that have gone on cannot
// come back: nothing can be ordered here, so that one need not wait for a client to find out.
bool PbftNode::lacks_company() const {
  std::size_t there = 1;
  std::size_t here = 1;
  for (std::size_t i = 0; i < count_; ++i) {
    if (runtime_.now() >= heard_[i] + recent) continue;
    ++there;
    if (statuses_[i].active && statuses_[i].view == view_) ++here;
  }
  bool long_enough = runtime_.now() >= view_since_ + 2 * recent;
  return long_enough && there >= quorum_ && here < quorum_;
}

std::size_t PbftNode::view_changes_from(std::int64_t view) const {
  return static_cast<std::size_t>(
      std::count_if(view_changes_.begin(), view_changes_.end(),
                    [&](const auto& change) { return change.second.body.view >= view; }));
}

void PbftNode::start_view_change(std::int64_t view) {
  runtime_.probe("view change");
  view_ = view;
  active_ = false;
  new_view_.reset();
  view_since_ = runtime_.now();
  ++failed_views_;
  pending_.clear();
  queued_.clear();
  for (auto& [sequence, slot] : log_.slots()) slot.accepted = slot.awaits_batch = false;
  save_view();
  barrier();
  runtime_.trace({.kind = "view-change", .numbers = {{{"view", view_}}}});
  send_view_change({});
}

void PbftNode::send_view_change(std::optional<NodeId> target) {
  ViewChange own{.view = view_, .stable = stable_};
  for (const auto& [sequence, snapshot] : snapshots_) {
    own.checkpoints.push_back({sequence, snapshot.digest});
  }
  own.prepared = log_.prepared();
  own.pre_prepared = log_.pre_prepared();
  Message message(signed_by(keys_, std::move(own)));
  if (target) {
    runtime_.send(*target, message);
  } else {
    to_all(message, true);
  }
}

void PbftNode::on_view_change(const Sealed<ViewChange>& message) {
  if (!message.sender.is_node() || index_of(message.sender) >= count_) return;
  auto known = view_changes_.find(message.sender);
  if (known != view_changes_.end() && known->second.body.view > message.body.view) return;
  if (!is_plausible(message.body, window()) || !is_signed(keys_, message)) return;
  view_changes_.insert_or_assign(message.sender, message);
  join_others();
  try_new_view();
}

// f + 1 replicas want a later view: one of them is correct, so it is time (4.5.2).
void PbftNode::join_others() {
  if (config_.flaws.no_view_change) return;
  std::vector<std::int64_t> later;
  for (const auto& [sender, change] : view_changes_) {
    if (change.body.view > view_) later.push_back(change.body.view);
  }
  if (later.size() <= faults_) return;
  std::sort(later.begin(), later.end(), std::greater<>());
  start_view_change(later[faults_]);
}

void PbftNode::try_new_view() {
  if (active_ || primary_of(view_) != self_) return;
  NewView next{.view = view_};
  for (const auto& [sender, change] : view_changes_) {
    if (change.body.view == view_) next.proofs.push_back(change);
  }
  std::optional<Decision> decision = decide(next.proofs, rules(), null_digest_);
  if (!decision) return;
  next.start = decision->start;
  next.chosen = std::move(decision->chosen);
  Sealed<NewView> message = signed_by(keys_, std::move(next));
  new_view_ = message;
  enter_new_view(message.body);
  to_all(Message(message), false);
}

void PbftNode::on_new_view(const Sealed<NewView>& message) {
  const NewView& view = message.body;
  if (view.view < view_ || (view.view == view_ && active_)) return;
  if (message.sender != primary_of(view.view) || message.sender == self_) return;
  if (!is_signed(keys_, message)) return;
  if (!is_justified(view)) {
    runtime_.probe("refused a new view without reasons");
    return;
  }
  view_ = view.view;
  new_view_ = message;
  enter_new_view(view);
}

bool PbftNode::is_justified(const NewView& view) {
  std::set<NodeId> senders;
  for (const Sealed<ViewChange>& proof : view.proofs) {
    if (!proof.sender.is_node() || index_of(proof.sender) >= count_) return false;
    if (proof.body.view != view.view || !is_plausible(proof.body, window())) return false;
    if (!senders.insert(proof.sender).second || !is_signed(keys_, proof)) return false;
  }
  if (config_.flaws.new_view_unchecked) return view.chosen.size() <= 4096;
  std::optional<Decision> decision = decide(view.proofs, rules(), null_digest_);
  return decision && decision->start == view.start && decision->chosen == view.chosen;
}

void PbftNode::enter_new_view(const NewView& view) {
  active_ = true;
  view_since_ = runtime_.now();
  pending_.clear();
  queued_.clear();
  for (auto& [sequence, slot] : log_.slots()) slot.accepted = slot.awaits_batch = false;
  save_view();
  barrier();
  runtime_.trace({.kind = "view", .numbers = {{{"view", view_}}}});
  if (view.start.sequence > executed_) want_state(view.start);
  std::int64_t last = view.start.sequence + static_cast<std::int64_t>(view.chosen.size());
  next_ = std::max(stable_, last) + 1;
  for (const Checkpoint& own : view.chosen) take_over(own.sequence, own.digest);
  forward_waiting();
}

// As if the primary had sent a pre-prepare for it.
void PbftNode::take_over(std::int64_t sequence, std::int64_t digest) {
  if (!in_window(sequence)) return;  // or it comes as a pre-prepare, when it is
  Slot& slot = log_.at(sequence);
  if (digest == null_digest_) slot.batches[digest] = std::make_shared<const Batch>();
  auto known = slot.batches.find(digest);
  if (known != slot.batches.end()) {
    accept(sequence, digest, SharedBatch(known->second));
    check_prepared(sequence);
    return;
  }
  slot.view = view_;
  slot.digest = digest;
  slot.awaits_batch = true;
  fetch_batch(sequence, digest);
}

}  // namespace sunder::pbft
