#include "nodes/register/replica/replica.h"

namespace sunder::registers {
namespace {

constexpr std::size_t batch_max = 64;       // writes in one message
constexpr std::size_t pending_max = 10000;  // later ones come again with a digest
constexpr std::size_t waiting_max = 10000;

}  // namespace

ReplicaNode::ReplicaNode(Runtime& runtime, ReplicaConfig config)
    : runtime_(runtime),
      config_(config),
      log_(runtime.storage(), runtime.peers().size()),
      known_(runtime.peers().size()) {}

void ReplicaNode::on_start() {
  const ReplicaRules& rules = config_.rules;
  runtime_.trace({.kind = "rules",
                  .numbers = {{{"in_order", rules.in_order},
                               {"hold_back", rules.hold_back},
                               {"gated", rules.gated},
                               {"arrival_wins", rules.arrival_wins}}}});
  recover();
  trace_recovered();
  runtime_.start_timer(config_.interval);
}

void ReplicaNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || static_cast<std::size_t>(source.index) >= known_.size()) return;
  if (const auto* writes = message.as<Writes>()) return on_writes(*writes);
  if (const auto* digest = message.as<ReplicaDigest>()) return on_digest(source, *digest);
}

void ReplicaNode::on_timer(Timer) {
  runtime_.start_timer(config_.interval);
  while (!waiting_.empty() && waiting_.front().deadline <= runtime_.now()) {
    refuse(waiting_.front().client, waiting_.front().request);
    waiting_.pop_front();
  }
  std::size_t peers = runtime_.peers().size();
  if (peers < 2 || config_.flaws.sent_once) return;
  std::size_t peer = runtime_.rng().below(peers - 1);
  if (peer >= self()) ++peer;
  runtime_.send(runtime_.peers()[peer], Message(ReplicaDigest{counts().counts()}));
}

// Both sides of an exchange learn what the other has, and send what it lacks.
void ReplicaNode::on_digest(NodeId source, const ReplicaDigest& digest) {
  clock::VectorClock& theirs = known_[static_cast<std::size_t>(source.index)];
  theirs = clock::VectorClock(digest.counts);
  std::vector<Write> missing = log_.beyond(theirs, batch_max);
  if (!missing.empty()) {
    runtime_.probe("anti-entropy sent writes");
    runtime_.send(source, Message(Writes{std::move(missing)}));
  }
  if (!digest.answer && !counts().covers(theirs)) {
    runtime_.send(source, Message(ReplicaDigest{counts().counts(), true}));
  }
  maybe_compact();
}

void ReplicaNode::on_writes(const Writes& message) {
  bool applied = false;
  for (const Write& write : message.writes) {
    if (!log_.fits(write) || log_.has(write)) continue;
    if (!config_.flaws.clock_not_merged) clock_.observe(write.time);
    if (may_apply(write)) {
      apply(write);
      applied = true;
    } else if (pending_.size() < pending_max && !config_.flaws.unready_dropped) {
      runtime_.probe("a write waited for others");
      pending_.try_emplace({write.origin, write.sequence}, write);
    }
  }
  if (!applied) return;
  apply_pending();
  barrier();
  serve_waiting();
}

bool ReplicaNode::may_apply(const Write& write) const {
  if (config_.flaws.applied_at_once) return true;
  auto origin = static_cast<std::size_t>(write.origin);
  if (config_.rules.in_order && log_.counts().at(origin) != write.sequence - 1) return false;
  if (!config_.rules.hold_back) return true;
  if (config_.flaws.needs_never_met && !write.needs.empty()) return false;
  return has_what_it_needs(write.needs);
}

void ReplicaNode::apply_pending() {
  for (bool again = true; again;) {
    again = false;
    for (auto at = pending_.begin(); at != pending_.end();) {
      if (log_.has(at->second)) {
        at = pending_.erase(at);
      } else if (may_apply(at->second)) {
        Write write = std::move(at->second);
        at = pending_.erase(at);
        apply(write);
        again = true;
      } else {
        ++at;
      }
    }
  }
}

void ReplicaNode::apply(const Write& write) {
  log_.add(write);
  auto [shown, fresh] = shown_.try_emplace(write.key, write);
  bool won = fresh || wins(write, shown->second);
  if (won) shown->second = write;
  runtime_.trace({.kind = "apply",
                  .numbers = {{{"origin", write.origin},
                               {"sequence", write.sequence},
                               {"key", write.key},
                               {"value", write.value},
                               {"won", won}}}});
}

bool ReplicaNode::wins(const Write& write, const Write& shown) const {
  const ReplicaFlaws& flaws = config_.flaws;
  if (flaws.first_version_stays) return false;
  if (flaws.wall_tie_break) {
    auto knows = [](const Write& one, const Write& other) {
      return clock::VectorClock(one.needs).at(static_cast<std::size_t>(other.origin)) >=
             other.sequence;
    };
    if (knows(write, shown)) return true;
    if (knows(shown, write)) return false;
    return write.stamp() > shown.stamp();
  }
  if (flaws.blind_overwrite) return true;
  if (config_.rules.arrival_wins && !flaws.stamps_decide) return true;
  return write.stamp() > shown.stamp();
}

clock::VectorClock ReplicaNode::counts() const {
  if (!config_.flaws.highest_counts) return log_.counts();
  clock::VectorClock highest;
  for (std::size_t i = 0; i < known_.size(); ++i) highest.raise(i, log_.highest(i));
  return highest;
}

bool ReplicaNode::has_what_it_needs(const std::vector<std::int64_t>& needs) const {
  return counts().covers(clock::VectorClock(needs));
}

void ReplicaNode::on_request(NodeId client, const Request& request) {
  if (request.write && !once_.is_new(client, request.msg_id)) return;
  bool waits = config_.rules.gated && !config_.flaws.requests_never_wait;
  if (!waits || has_what_it_needs(request.needs)) {
    serve(client, request);
    return;
  }
  if (waiting_.size() >= waiting_max) return refuse(client, request);
  runtime_.probe("a request waited for what its session has seen");
  waiting_.push_back({client, request, runtime_.now() + config_.patience});
}

void ReplicaNode::serve_waiting() {
  std::deque<Waiting> before;
  before.swap(waiting_);
  for (Waiting& waiting : before) {
    if (has_what_it_needs(waiting.request.needs)) {
      serve(waiting.client, waiting.request);
    } else {
      waiting_.push_back(std::move(waiting));
    }
  }
}

void ReplicaNode::refuse(NodeId client, const Request& request) {
  Reply reply{.in_reply_to = request.msg_id};
  reply.code = static_cast<std::uint8_t>(Code::unavailable);
  runtime_.probe("a request was refused for what its session has seen");
  runtime_.send(client, Message(std::move(reply)));
}

void ReplicaNode::serve(NodeId client, const Request& request) {
  request.write ? serve_write(client, request) : serve_read(client, request);
}

// What it shows is durable before the reply leaves: see invariant 1.
void ReplicaNode::serve_read(NodeId client, const Request& request) {
  Reply reply{.in_reply_to = request.msg_id};
  auto found = shown_.find(request.key);
  if (found != shown_.end()) {
    reply.value = found->second.value;
    reply.time = found->second.time;
    if (!config_.flaws.reads_without_version) {
      reply.origin = found->second.origin;
      reply.sequence = found->second.sequence;
    }
  }
  runtime_.trace({.kind = "read",
                  .numbers = {{{"op", request.op}}},
                  .text = to_string(clock::VectorClock(request.needs))});
  runtime_.send(client, Message(std::move(reply)));
}

void ReplicaNode::serve_write(NodeId client, const Request& request) {
  if (!config_.flaws.clock_not_merged) clock_.observe(request.time);
  Write write{.origin = static_cast<std::int64_t>(self()),
              .sequence = log_.highest(self()) + 1,
              .time = clock_.tick(),
              .key = request.key,
              .value = request.value,
              .needs = request.needs};
  if (config_.flaws.wall_tie_break) {
    write.time = runtime_.wall_now().time_since_epoch().count();
    write.needs = log_.counts().counts();
  }
  runtime_.trace({.kind = "write",
                  .numbers = {{{"sequence", write.sequence},
                               {"clock", write.time},
                               {"key", write.key},
                               {"value", write.value},
                               {"op", request.op}}},
                  .text = to_string(clock::VectorClock(write.needs))});
  apply(write);
  barrier();
  if (config_.push) push(write);
  runtime_.send(client, Message(Reply{.in_reply_to = request.msg_id,
                                      .origin = write.origin,
                                      .sequence = write.sequence,
                                      .time = write.time}));
  apply_pending();
  serve_waiting();
}

void ReplicaNode::push(const Write& write) {
  Message message(Writes{{write}});
  for (NodeId peer : runtime_.peers()) {
    if (peer != runtime_.self()) runtime_.send(peer, message);
  }
}

void ReplicaNode::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::registers
