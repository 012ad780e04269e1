// Elections: section 5.2 and 5.4.1; pre-vote and stickiness: thesis, sections 9.6 and 4.2.3.

#include <algorithm>

#include "nodes/raft/node.h"

namespace sunder::raft {

// One timer goes on all the time: when it fires early, because a leader was heard meanwhile, it is
// armed for the rest. Nothing is cancelled or started for each message.
void RaftNode::arm_election_timer() {
  Duration left = contact_ + election_timeout_ - runtime_.now();
  election_timer_ = runtime_.start_timer(std::max<Duration>(left, std::chrono::microseconds(1)));
}

void RaftNode::restart_election_time() {
  election_timeout_ = runtime_.rng().between(config_.election_min, 2 * config_.election_min);
}

void RaftNode::on_election_timer() {
  election_timer_ = {};
  if (role_ == Role::leader) return;
  if (config_.flaws.notes_votes_not_rechecked && answered_ != 0) return settle_votes();
  if (runtime_.now() < contact_ + election_timeout_) {
    arm_election_timer();
    return;
  }
  if (!may_stand()) {
    leader_.reset();
    election_timer_ = runtime_.start_timer(election_timeout_);
    return;
  }
  campaign(config_.pre_vote);
}

// A restarted node may have promised its silence to a leader just before, so a boot counts as a
// leader's word: leases depend on it.
bool RaftNode::leader_is_alive() const {
  if (role_ == Role::leader) return true;
  return role_ == Role::follower && runtime_.now() < contact_ + config_.election_min;
}

void RaftNode::campaign(bool pre, bool at_once) {
  leader_.reset();
  if (pre) {
    role_ = Role::pre_candidate;
    runtime_.trace({.kind = "pre-candidate", .numbers = {{{"term", term_}}}});
  } else {
    role_ = Role::candidate;
    ++term_;
    vote_ = self_;
    save_hard_state();
    barrier();
    runtime_.trace({.kind = "candidate", .numbers = {{{"term", term_}}}});
    runtime_.trace({.kind = "vote", .numbers = {{{"term", term_}, {"for", self_.index}}}});
  }
  contact_ = runtime_.now();  // of this attempt; stickiness is a follower's only
  restart_election_time();
  runtime_.cancel_timer(election_timer_);
  election_timer_ = {};
  if (!config_.flaws.notes_waits_for_all_votes) arm_election_timer();
  granted_ = answered_ = only(self_);
  if (elects(granted_)) {
    pre ? campaign(false) : become_leader();
    return;
  }
  ask_for_votes(pre, at_once);
}

void RaftNode::ask_for_votes(bool pre, bool at_once) {
  RequestVote wanted{.term = pre ? term_ + 1 : term_,
                     .pre = pre,
                     .last_index = log_.last_index(),
                     .last_term = log_.last_term()};
  Message request = at_once ? Message(RequestVoteNow{.term = wanted.term,
                                                     .last_index = wanted.last_index,
                                                     .last_term = wanted.last_term})
                            : Message(wanted);
  Voters asked = log_.voters();
  for (NodeId peer : runtime_.peers()) {
    bool is_asked = asked.has(peer) || config_.flaws.spares_counted;
    if (peer != self_ && is_asked) runtime_.send(peer, request);
  }
}

// Whether it is a voter itself, or the candidate is, does not matter here: this log may be behind,
// and who counts the votes knows (section 6).
void RaftNode::on_request_vote(NodeId source, const RequestVote& request, bool at_once) {
  // A disturber is not told our term either: only a leader that it has lost would suffer.
  if (request.term > term_ && leader_is_alive() && !at_once) {
    if (request.pre) {
      runtime_.probe("pre-vote refused");
      runtime_.send(source, Message(VoteReply{.term = term_, .pre = true}));
    }
    return;
  }
  bool up_to_date = request.last_term != log_.last_term()
                        ? request.last_term > log_.last_term()
                        : request.last_index >= log_.last_index();
  if (request.pre) {
    bool granted = request.term > term_ && up_to_date;
    if (!granted) runtime_.probe("pre-vote refused");
    runtime_.send(source, Message(VoteReply{.term = granted ? request.term : term_,
                                            .pre = true,
                                            .granted = granted}));
    return;
  }
  if (request.term > term_) adopt_term(request.term);
  bool granted = request.term == term_ && up_to_date && (!vote_ || *vote_ == source);
  if (granted && !vote_) {
    if (role_ != Role::follower) become_follower({});
    vote_ = source;
    save_hard_state();
    contact_ = runtime_.now();
    runtime_.trace({.kind = "vote", .numbers = {{{"term", term_}, {"for", source.index}}}});
  }
  barrier();
  runtime_.send(source, Message(VoteReply{.term = term_, .granted = granted}));
}

void RaftNode::on_vote_reply(NodeId source, const VoteReply& reply) {
  bool granted_pre = reply.pre && reply.granted;
  if (reply.term > term_ && !granted_pre) {
    adopt_term(reply.term);
    return;
  }
  if (config_.flaws.notes_waits_for_all_votes) return await_all_votes(source, reply);
  if (config_.flaws.notes_votes_not_rechecked && !reply.pre) return note_vote(source, reply);
  if (!reply.granted) return;
  if (reply.pre) {
    if (role_ != Role::pre_candidate || reply.term != term_ + 1) return;
    granted_ |= only(source);
    if (elects(granted_)) campaign(false);
    return;
  }
  if (role_ != Role::candidate || reply.term != term_) return;
  granted_ |= only(source);
  runtime_.trace({.kind = "counted", .numbers = {{{"term", term_}, {"from", source.index}}}});
  if (elects(granted_)) become_leader();
}

void RaftNode::await_all_votes(NodeId source, const VoteReply& reply) {
  if (role_ != Role::candidate || reply.term != term_) return;
  answered_ |= only(source);
  if (reply.granted) {
    granted_ |= only(source);
    runtime_.trace({.kind = "counted", .numbers = {{{"term", term_}, {"from", source.index}}}});
  }
  if (answered_ != log_.voters().now) return;
  elects(granted_) ? become_leader() : become_follower({});
}

void RaftNode::become_leader() {
  role_ = Role::leader;
  leader_ = self_;
  runtime_.cancel_timer(election_timer_);
  election_timer_ = {};
  runtime_.trace({.kind = "leader",
                  .numbers = {{{"term", term_},
                               {"last", log_.last_index()},
                               {"hash", log_.hash_at(log_.last_index())}}}});
  Instant now = runtime_.now();
  for (Progress& progress : progress_) {
    progress = Progress{.next = log_.last_index() + 1, .heard = now, .probing = false};
  }
  term_start_ = log_.last_index() + 1;
  open_rounds_.clear();
  confirmed_ = round_;
  quorum_contact_ = now;
  lease_taken_ = false;
  lease_end_wall_ = {};
  change_.reset();
  transfer_.reset();
  lease_void_ = false;
  settled_round_ = log_.voters().index <= commit_ ? 0 : INT64_MAX;
  if (config_.reconfigure > Duration{0}) {
    Duration first = runtime_.rng().between(Duration{0}, config_.reconfigure);
    reconfigure_timer_ = runtime_.start_timer(first);
  }
  heartbeat_timer_ = runtime_.start_timer(config_.heartbeat);
  start_round();
  if (!config_.flaws.commits_old_terms()) {
    append_own(KvCommand{});
  } else {
    broadcast(true);
  }
}

// Votes are awaited until all have answered or the time is over; what happened meanwhile is not
// looked at.
void RaftNode::note_vote(NodeId source, const VoteReply& reply) {
  answered_ |= only(source);
  if (reply.granted) {
    granted_ |= only(source);
    runtime_.trace({.kind = "counted", .numbers = {{{"term", term_}, {"from", source.index}}}});
  }
  if (answered_ == log_.voters().now && role_ != Role::leader) settle_votes();
}

void RaftNode::settle_votes() {
  answered_ = 0;
  if (elects(granted_)) return become_leader();
  if (election_timer_ == Timer{}) arm_election_timer();
}

}  // namespace sunder::raft
