#include "nodes/raft/node.h"

#include "harness/core/assert.h"

namespace sunder::raft {
namespace {

constexpr std::string_view hard_state_key = "hard-state";
constexpr std::string_view snapshot_key = "snapshot";

}  // namespace

RaftNode::RaftNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      self_(runtime.self()),
      elastic_(is_elastic(config, runtime.peers().size())),
      log_(runtime.storage()),
      machine_({.sessions = config.sessions,
                .apply_retries = config.flaws.retry_applied_twice ||
                                 config.flaws.notes_no_deduplication,
                .forget_in_snapshot = config.flaws.lost_session_table_on_snapshot,
                .leases = config.leases}),
      progress_(runtime.peers().size()) {}

void RaftNode::on_start() {
  recover();
  trace_recovered();
  contact_ = runtime_.now();
  restart_election_time();
  arm_election_timer();
}

// As a node does that never wrote anything down.
void RaftNode::forget() {
  Storage& storage = runtime_.storage();
  storage.discard_before(storage.log_end());
  storage.erase(hard_state_key);
  storage.erase(snapshot_key);
}

void RaftNode::recover() {
  Storage& storage = runtime_.storage();
  if (config_.flaws.notes_nothing_persisted) forget();
  std::int64_t base = 0;
  std::int64_t base_term = 0;
  std::int64_t base_hash = 0;
  Voters voters = first_voters();
  if (const Bytes* saved = storage.get(snapshot_key)) {
    ByteReader in(*saved);
    base = in.number();
    base_term = in.number();
    base_hash = in.number();
    snapshot_ = std::string(in.rest());
    std::optional<Voters> saved_voters = restore(snapshot_);
    ASSERT_MSG(in.ok() && saved_voters, "the stored snapshot cannot be read");
    voters = *saved_voters;
  }
  log_.recover(base, base_term, base_hash, voters);
  commit_ = applied_ = base;
  if (config_.flaws.notes_first_entry_skipped && log_.has(base + 1)) commit_ = ++applied_;
  if (const Bytes* saved = storage.get(hard_state_key)) {
    ByteReader in(*saved);
    term_ = in.number();
    std::int64_t vote = in.number();
    // flaw double-vote-after-restart: as if the term were new.
    if (vote >= 0 && !config_.flaws.double_vote_after_restart) {
      vote_ = NodeId::node(static_cast<std::int32_t>(vote));
    }
  }
  term_ = std::max(term_, log_.last_term());
}

// Tells the invariants what survived: everything else that this node traced before is void.
void RaftNode::trace_recovered() {
  runtime_.trace({.kind = "boot",
                  .numbers = {{{"term", term_},
                               {"vote", vote_ ? vote_->index : -1},
                               {"index", log_.base()},
                               {"hash", log_.hash_at(log_.base())},
                               {"state", static_cast<std::int64_t>(machine_.digest())}}}});
  for (std::int64_t first = log_.base() + 1; log_.has(first);) {
    std::int64_t last = log_.last_up_to_term(log_.term_at(first));
    runtime_.trace({.kind = "recovered",
                    .numbers = {{{"first", first},
                                 {"last", last},
                                 {"term", log_.term_at(last)},
                                 {"hash", log_.hash_at(last)}}}});
    first = last + 1;
  }
  note_voters();
}

void RaftNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* kv = message.as<KvRequest>()) return on_request(source, *kv);
  if (!source.is_node() || static_cast<std::size_t>(source.index) >= progress_.size()) return;
  if (const auto* append = message.as<AppendEntries>()) return on_append_entries(source, *append);
  if (const auto* reply = message.as<AppendReply>()) return on_append_reply(source, *reply);
  if (const auto* vote = message.as<RequestVote>()) return on_request_vote(source, *vote);
  if (const auto* vote = message.as<RequestVoteNow>()) {
    return on_request_vote(source,
                           {.term = vote->term,
                            .last_index = vote->last_index,
                            .last_term = vote->last_term},
                           true);
  }
  if (const auto* reply = message.as<VoteReply>()) return on_vote_reply(source, *reply);
  if (const auto* chunk = message.as<InstallSnapshot>()) return on_install_snapshot(source, *chunk);
  if (const auto* reply = message.as<SnapshotReply>()) return on_snapshot_reply(source, *reply);
  if (const auto* now = message.as<TimeoutNow>()) return on_timeout_now(source, *now);
}

void RaftNode::on_timer(Timer timer) {
  if (timer == election_timer_) on_election_timer();
  if (timer == heartbeat_timer_) on_heartbeat_timer();
  if (timer == reconfigure_timer_) on_reconfigure_timer();
}

NodeStatus RaftNode::status() const {
  NodeStatus status = role_status();
  status.voters = committed_voters();
  return status;
}

NodeStatus RaftNode::role_status() const {
  if (role_ == Role::leader) {
    bool ready = may_serve_reads() || config_.flaws.commits_old_terms();
    return {.role = "leader", .term = term_, .ready = ready};
  }
  bool follows = role_ == Role::follower && leader_.has_value();
  if (!log_.voters().has(self_)) {
    // It sends clients elsewhere, leader or not.
    return {.role = role_ == Role::follower ? "spare" : "candidate", .term = term_, .ready = true};
  }
  return {.role = role_ == Role::follower ? "follower" : "candidate",
          .term = term_,
          .ready = follows};
}

void RaftNode::adopt_term(std::int64_t term) {
  ASSERT(term > term_);
  term_ = term;
  vote_.reset();
  save_hard_state();
  become_follower({});
}

void RaftNode::become_follower(std::optional<NodeId> leader) {
  bool was_leader = role_ == Role::leader;
  if (role_ != Role::follower || leader != leader_) {
    runtime_.trace({.kind = "follower",
                    .numbers = {{{"term", term_}, {"leader", leader ? leader->index : -1}}}});
  }
  role_ = Role::follower;
  leader_ = leader;
  if (!was_leader) return;
  if (commit_ < log_.last_index()) runtime_.probe("leader stepped down with uncommitted entries");
  for (Timer* timer : {&heartbeat_timer_, &reconfigure_timer_}) {
    runtime_.cancel_timer(*timer);
    *timer = {};
  }
  contact_ = runtime_.now();
  restart_election_time();
  arm_election_timer();
  refuse_all_waiting();
}

// Written at once, made durable by the barrier before the next answer.
void RaftNode::save_hard_state() {
  if (config_.flaws.vote_not_persisted) return;
  ByteWriter out;
  out.number(term_);
  out.number(vote_ ? vote_->index : -1);
  runtime_.storage().put(hard_state_key, out.take());
}

void RaftNode::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::raft
