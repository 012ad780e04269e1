// Changes of membership by joint consensus (section 6; thesis, section 4.3), or by one server at a
// time (thesis, section 4.1, mended as in Ongaro's "bug in single-server membership changes",
// raft-dev 2015: not before an entry of the leader's own term is committed), and transfers of
// leadership (thesis, section 3.10). A leader does either when an operator asks for it, and by
// itself from time to time in runs with `reconfigure`.

#include <algorithm>

#include "nodes/raft/node.h"

namespace sunder::raft {
namespace {

constexpr std::int64_t patience = 10;  // shortest election time-outs until newcomers are given up

}  // namespace

Voters RaftNode::voters() const {
  Voters voters = config_.flaws.committed_configuration
                      ? log_.voters_at(std::max(commit_, log_.base()))
                      : log_.voters();
  if (config_.flaws.single_quorum_while_joint) voters.before = 0;
  return voters;
}

bool RaftNode::elects(NodeSet granted) const {
  if (config_.flaws.spares_counted) return 2 * size_of(granted) > size_of(voters().now);
  return voters().decided_by(granted);
}

std::int64_t RaftNode::reached(const Numbers& numbers) const {
  Voters deciding = voters();
  bool counts_itself = config_.flaws.removed_leader_goes_on && !deciding.joint();
  if (config_.flaws.spares_counted || counts_itself) {
    NodeSet counted = config_.flaws.spares_counted ? first_nodes(progress_.size())
                                                   : deciding.now | only(self_);
    return reached_by_majority(numbers, counted, size_of(deciding.now));
  }
  return deciding.reached(numbers);
}

Voters RaftNode::first_voters() const {
  std::size_t nodes = runtime_.peers().size();
  std::size_t members = config_.members == 0 ? nodes : config_.members;
  return {.now = first_nodes(std::min(members, nodes))};
}

// Voters, those who are to become voters, and others until they know that they are none: else they
// would stand for election for ever.
bool RaftNode::is_told(NodeId peer) const {
  const Voters& in_force = log_.voters();
  if (!elastic_ || in_force.has(peer)) return true;
  if (change_ && (change_->target & only(peer)) != 0) return true;
  const Progress& progress = progress_[static_cast<std::size_t>(peer.index)];
  return progress.match < in_force.index || progress.round < settled_round_;
}

// A server outside of its latest configuration may still be needed until that one is committed
// (thesis, section 4.2.2).
bool RaftNode::may_stand() const {
  return log_.voters().has(self_) || log_.voters().index > commit_;
}

void RaftNode::note_voters() {
  if (!elastic_) return;
  const Voters& voters = log_.voters();
  runtime_.trace({.kind = "voters",
                  .numbers = {{{"index", voters.index},
                               {"now", voters.now},
                               {"before", voters.before}}}});
}

NodeSet RaftNode::holders(std::int64_t index) {
  NodeSet nodes = only(self_);
  for (NodeId peer : runtime_.peers()) {
    if (peer != self_ && progress_of(peer).match >= index) nodes |= only(peer);
  }
  return nodes;
}

void RaftNode::on_reconfigure_timer() {
  reconfigure_timer_ = runtime_.start_timer(config_.reconfigure);
  if (role_ != Role::leader) return;
  give_up_late_newcomers();
  if (transfer_ || !settled()) return;
  bool transfers = runtime_.rng().chance({1, 3});
  if (!transfers) {
    NodeSet target = draw_voters();
    if (target != log_.voters().now) begin_change(target);
    return;
  }
  std::vector<NodeId> others;
  for (NodeId peer : runtime_.peers()) {
    if (peer != self_ && log_.voters().has(peer)) others.push_back(peer);
  }
  if (others.empty()) return;
  begin_transfer(others[runtime_.rng().below(others.size())]);
}

void RaftNode::give_up_late_newcomers() {
  bool late = change_ && runtime_.now() - change_->begun > patience * config_.election_min;
  if (!late) return;
  runtime_.probe("newcomers did not catch up");
  change_.reset();
}

bool RaftNode::settled() const {
  const Voters& in_force = log_.voters();
  bool has_own = may_serve_reads() || config_.flaws.single_change_without_noop;
  return !change_ && in_force.index <= commit_ && !in_force.joint() && has_own;
}

void RaftNode::begin_change(NodeSet target) {
  Instant now = runtime_.now();
  change_ = Change{target, log_.last_index(), now, now};
  drive_change();
}

// Never fewer than three of at least three nodes, so that no majority is one node alone.
NodeSet RaftNode::draw_voters() {
  std::span<const NodeId> peers = runtime_.peers();
  std::size_t least = std::min<std::size_t>(3, peers.size());
  NodeSet old = log_.voters().now;
  if (config_.single_changes) {
    NodeSet one = only(peers[runtime_.rng().below(peers.size())]);
    bool shrinks = (old & one) != 0;
    return shrinks && static_cast<std::size_t>(size_of(old)) <= least ? old : old ^ one;
  }
  bool fixed_size = config_.members != 0 && config_.members < peers.size();
  std::size_t size = fixed_size ? config_.members
                                : least + runtime_.rng().below(peers.size() - least + 1);
  std::vector<NodeId> left(peers.begin(), peers.end());
  NodeSet chosen = 0;
  while (static_cast<std::size_t>(size_of(chosen)) < size) {
    auto at = left.begin() + static_cast<std::ptrdiff_t>(runtime_.rng().below(left.size()));
    chosen |= only(*at);
    left.erase(at);
  }
  return chosen;
}

// The next step of a change, this leader's or one that it found under way in its log.
void RaftNode::drive_change() {
  if (role_ != Role::leader) return;
  drive_transfer();
  const Voters in_force = log_.voters();
  bool has_own = may_serve_reads() || config_.flaws.single_change_without_noop;
  if (in_force.index > commit_ || !has_own) return;
  if (settled_round_ == INT64_MAX) settled_round_ = round_ + 1;
  if (in_force.joint()) {
    append_voters({.now = in_force.now});
  } else if (!in_force.has(self_)) {
    if (!config_.flaws.removed_leader_goes_on) leave();
  } else if (change_ && newcomers_caught_up()) {
    Voters next{.now = change_->target, .before = in_force.now};
    if (config_.single_changes || config_.flaws.switch_without_joint) next.before = 0;
    change_.reset();
    append_voters(next);
  }
}

// In rounds: of entries that were there when a round began. Those who finish one within an election
// time-out will not hold up commitment for longer than that (thesis, section 4.2.1).
bool RaftNode::newcomers_caught_up() {
  for (NodeId peer : runtime_.peers()) {
    bool joins = (change_->target & only(peer)) != 0 && !log_.voters().has(peer);
    if (joins && progress_of(peer).match < change_->goal) return false;
  }
  Instant now = runtime_.now();
  if (now - change_->round_begun <= config_.election_min) return true;
  change_->round_begun = now;
  change_->goal = log_.last_index();
  return false;
}

void RaftNode::append_voters(const Voters& voters) {
  runtime_.probe(voters.joint() ? "joint configuration" : "new configuration");
  settled_round_ = INT64_MAX;
  append_own({.verb = static_cast<std::uint8_t>(KvVerb::configure),
              .value = voters.now,
              .expected = voters.before});
}

// A leader that is not among the new voters steps down once they are committed (section 6), and
// does not leave it to a time-out who comes after it.
void RaftNode::leave() {
  runtime_.probe("leader left the voters");
  broadcast(true);
  std::optional<NodeId> best;
  for (NodeId peer : runtime_.peers()) {
    if (!log_.voters().has(peer)) continue;
    if (!best || progress_of(peer).match > progress_of(*best).match) best = peer;
  }
  if (best) runtime_.send(*best, Message(TimeoutNow{.term = term_}));
  become_follower({});
}

void RaftNode::begin_transfer(NodeId target) {
  transfer_ = Transfer{target, runtime_.now() + config_.election_min};
  drive_transfer();
}

// From the moment on at which the target may stand, a lease proves nothing: others vote though they
// hear this leader. The message may be late, so that holds until the end of the term.
void RaftNode::drive_transfer() {
  if (!transfer_ || transfer_->sent) return;
  if (progress_of(transfer_->target).match < log_.last_index()) return;
  transfer_->sent = true;
  lease_void_ = !config_.flaws.lease_kept_over_transfer;
  runtime_.send(transfer_->target, Message(TimeoutNow{.term = term_}));
}

void RaftNode::on_timeout_now(NodeId source, const TimeoutNow& request) {
  if (request.term != term_ || role_ != Role::follower || leader_ != source || !may_stand()) return;
  runtime_.probe("leadership transferred");
  if (!config_.flaws.transfer_without_election) return campaign(false, true);
  ++term_;
  vote_ = self_;
  save_hard_state();
  barrier();
  runtime_.cancel_timer(election_timer_);
  become_leader();
}

}  // namespace sunder::raft
