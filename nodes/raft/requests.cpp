// Clients: sessions (thesis, section 6.3) and reads without the log (section 6.4).

#include "harness/core/assert.h"
#include "nodes/raft/node.h"

namespace sunder::raft {
namespace {

constexpr std::int64_t uncommitted_max = 8192;  // entries; past it the leader refuses more

}  // namespace

void RaftNode::on_request(NodeId client, const KvRequest& request) {
  if (request.command.verb > static_cast<std::uint8_t>(last_kv_verb)) return;
  if (takes(client, request)) return;
  if (only_reads(request.command.kind()) && config_.read != ReadMode::log) {
    on_read(client, request);
    return;
  }
  bool full = log_.last_index() - commit_ >= uncommitted_max;
  if (role_ != Role::leader || full || transfer_) {
    refuse(client, request.msg_id);
    return;
  }
  propose(client, request);
}

void RaftNode::propose(NodeId client, const KvRequest& request) {
  bool early = config_.flaws.ack_before_replicated && always_succeeds(request.command.kind());
  if (!early) waiting_.push_back({client, request.msg_id, log_.last_index() + 1});
  append_own(request.command, request.op);
  if (early) runtime_.send(client, Message(kv_reply(request.msg_id, {})));
}

// The barrier comes before the broadcast: see invariant 2 in node.h.
void RaftNode::append_own(const KvCommand& command, std::int64_t op) {
  std::int64_t index = log_.append({.term = term_, .command = command});
  Event event{.kind = "append",
              .numbers = {{{"index", index}, {"term", term_}, {"hash", log_.hash_at(index)}}}};
  if (op >= 0) event.numbers[3] = {"op", op};
  runtime_.trace(std::move(event));
  if (log_.voters().index == index) note_voters();
  barrier();
  broadcast(false);
  if (is_alone()) advance_commit();
}

bool RaftNode::may_serve_reads() const { return role_ == Role::leader && commit_ >= term_start_; }

bool RaftNode::lease_holds() const {
  if (config_.read != ReadMode::lease || !lease_taken_ || lease_void_) return false;
  if (config_.flaws.lease_under_clock_jump) return runtime_.wall_now() < lease_end_wall_;
  return runtime_.now() < quorum_contact_ + config_.lease;
}

void RaftNode::on_read(NodeId client, const KvRequest& request) {
  const Flaws& flaws = config_.flaws;
  bool at_once = flaws.stale_local_read;
  if (role_ == Role::leader && may_serve_reads()) {
    at_once = at_once || flaws.leader_read_without_quorum;
    if (lease_holds()) {
      runtime_.probe("lease read served");
      at_once = true;
    }
  }
  if (at_once) {
    answer_read({client, request.msg_id, request.command, 0});
    return;
  }
  if (role_ != Role::leader) {
    refuse(client, request.msg_id);
    return;
  }
  Read read{client, request.msg_id, request.command, 0};
  if (!may_serve_reads() && !flaws.read_before_first_commit) {
    early_reads_.push_back(read);
    return;
  }
  // While a round is under way, reads gather for the next one.
  bool under_way = confirmed_ < round_;
  read.round = round_ + 1;
  reads_.push_back(read);
  if (under_way) return;
  start_round();
  broadcast(false);
}

// applied_ is never behind what was committed when the read came, because this node applies as it
// commits.
void RaftNode::serve_confirmed_reads() {
  while (!reads_.empty() && reads_.front().round <= confirmed_) {
    Read read = reads_.front();
    reads_.pop_front();
    answer_read(read);
  }
}

void RaftNode::answer_read(const Read& read) {
  runtime_.send(read.client, Message(kv_reply(read.msg_id, machine_.observe(read.command))));
}

void RaftNode::apply_committed() {
  while (applied_ < commit_ && log_.has(applied_ + 1)) {
    ++applied_;
    const Entry& entry = log_.at(applied_);
    bool runs = entry.command.session != 0 && machine_.would_execute(entry.command);
    KvAnswer answer = machine_.apply(applied_, entry.command);
    trace_applied(entry.term, runs);
    if (runs || entry.command.session == 0) on_applied(applied_, entry.command, answer);
    while (!waiting_.empty() && waiting_.front().index <= applied_) {
      const Waiting& waiting = waiting_.front();
      if (waiting.index == applied_) {
        runtime_.send(waiting.client, Message(kv_reply(waiting.msg_id, answer)));
      }
      waiting_.pop_front();
    }
  }
  maybe_take_snapshot();
}

void RaftNode::trace_applied(std::int64_t term, bool ran) {
  if (is_alone()) return;
  Event event{.kind = "apply",
              .numbers = {{{"index", applied_},
                           {"term", term},
                           {"hash", log_.hash_at(applied_)},
                           {"state", static_cast<std::int64_t>(machine_.digest())}}}};
  if (ran) event.numbers[4] = {"ran", 1};
  runtime_.trace(std::move(event));
}

void RaftNode::acknowledge_uncommitted() {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    bool succeeds = log_.has(waiting.index) &&
                    always_succeeds(log_.at(waiting.index).command.kind());
    if (succeeds) runtime_.send(waiting.client, Message(kv_reply(waiting.msg_id, {})));
    return succeeds;
  });
}

void RaftNode::refuse(NodeId client, std::int64_t msg_id) {
  KvReply reply = kv_reply(msg_id, {.code = KvCode::unavailable});
  if (role_ != Role::leader) reply.leader = leader_;
  runtime_.send(client, Message(std::move(reply)));
}

// Their entries may still be committed by the next leader; the sessions make a retry harmless.
void RaftNode::refuse_all_waiting() {
  for (const Waiting& waiting : waiting_) refuse(waiting.client, waiting.msg_id);
  for (const Read& read : reads_) refuse(read.client, read.msg_id);
  for (const Read& read : early_reads_) refuse(read.client, read.msg_id);
  waiting_.clear();
  reads_.clear();
  early_reads_.clear();
}

}  // namespace sunder::raft
