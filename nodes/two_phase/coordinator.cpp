#include "nodes/two_phase/coordinator.h"

namespace sunder::two_phase {
namespace {

using txn::Code;
using txn::Reply;
using txn::Request;
using txn::Verb;

constexpr int named_bits = 32;
constexpr int node_bits = 5;

Verb verb_of(const Request& request) { return static_cast<Verb>(request.verb); }

}  // namespace

Coordinator::Coordinator(Post& post, Journal& journal, const Config& config)
    : post_(post), journal_(journal), config_(config), trace_(post.runtime()) {}

void Coordinator::recover_decision(const Decision& decision) {
  decisions_[decision.txn] = decision.time;
  sessions_[decision.client].committed = decision.txn;
}

void Coordinator::start(std::int64_t boot) {
  boot_ = boot;
  trace_.boot(config_.claim.level, config_.claim.strong, counted());
}

NodeId Coordinator::owner(std::int64_t key) const {
  auto nodes = static_cast<std::int64_t>(post_.runtime().peers().size());
  return post_.runtime().peers()[static_cast<std::size_t>((key % nodes + nodes) % nodes)];
}

void Coordinator::on_request(NodeId client, const Request& request) {
  if (request.verb > static_cast<std::uint8_t>(txn::last_verb)) return;
  if (verb_of(request) == Verb::begin) return on_begin(client, request);
  auto at = active_.find(request.txn);
  if (at == active_.end() || at->second.client != client) {
    answer_unknown(client, request);
    return;
  }
  Txn& txn = at->second;
  if (request.msg_id < txn.request.msg_id) return;  // a late copy
  txn.heard = post_.runtime().now();
  if (request.msg_id == txn.request.msg_id) {
    bool answered = txn.reply.in_reply_to == request.msg_id;
    if (answered) post_.runtime().send(client, Message(txn.reply));
    return;
  }
  if (txn.phase != Phase::open && verb_of(request) != Verb::abort) return;
  txn.request = request;
  txn.reply = {};
  txn.since = txn.heard;
  carry_out(at);
}

void Coordinator::answer_unknown(NodeId client, const Request& request) {
  bool commits = verb_of(request) == Verb::commit && request.txn != 0;
  bool done = commits && sessions_[client].committed == request.txn;
  if (done) post_.runtime().probe("a commit was asked for again");
  Reply reply{.in_reply_to = request.msg_id};
  reply.code = static_cast<std::uint8_t>(done ? Code::ok : Code::aborted);
  post_.runtime().send(client, Message(std::move(reply)));
}

void Coordinator::answer(Txn& txn, Code code) {
  txn.reply.in_reply_to = txn.request.msg_id;
  txn.reply.code = static_cast<std::uint8_t>(code);
  post_.runtime().send(txn.client, Message(txn.reply));
}

void Coordinator::on_begin(NodeId client, const Request& request) {
  Session& session = sessions_[client];
  if (request.msg_id < session.begun_by) return;
  auto present = active_.find(session.txn);
  if (request.msg_id > session.begun_by) {
    if (present != active_.end()) abort(present);  // its client has given it up
    begin(client, request);
    return;
  }
  if (present == active_.end()) return;
  const Reply& last = present->second.reply;
  if (last.in_reply_to == request.msg_id) post_.runtime().send(client, Message(last));
}

void Coordinator::begin(NodeId client, const Request& request) {
  std::int64_t id = ((boot_ << named_bits | ++named_) << node_bits) | post_.runtime().self().index;
  Session& session = sessions_[client];
  session.begun_by = request.msg_id;
  session.txn = id;
  auto at = active_.try_emplace(id).first;
  Txn& txn = at->second;
  txn.client = client;
  txn.request = request;
  txn.heard = txn.since = post_.runtime().now();
  if (request.told != 0) trace_.told(request.told);
  trace_.begin(id, request.op);
  ask_for_stamp(at, Phase::starting);
}

void Coordinator::carry_out(Txns::iterator at) {
  switch (verb_of(at->second.request)) {
    case Verb::read: on_read(at); return;
    case Verb::write: write(at, false); return;
    case Verb::append: write(at, true); return;
    case Verb::commit: on_commit(at); return;
    case Verb::abort: abort(at); return;
    case Verb::begin: return;
  }
}

void Coordinator::on_read(Txns::iterator at) {
  Txn& txn = at->second;
  if (txn.seen.contains(txn.request.key)) {
    answer_read(at);
    return;
  }
  txn.phase = Phase::fetching;
  txn.ask = boot_ << named_bits | ++named_;
  asks_[txn.ask] = at->first;
  ask_again(at);
}

void Coordinator::answer_read(Txns::iterator at) {
  Txn& txn = at->second;
  std::int64_t key = txn.request.key;
  const Version& version = txn.seen.at(key);
  txn.reply.items = version.items;
  bool own = false;
  for (const Write& write : txn.writes) {
    if (write.key != key) continue;
    own = true;
    if (!write.append) txn.reply.items.clear();
    txn.reply.items.push_back(write.value);
  }
  txn.reply.found = own || version.writer != 0;
  if (!own) trace_.read(at->first, key, version.writer, version.number);
  answer(txn);
}

void Coordinator::write(Txns::iterator at, bool append) {
  Txn& txn = at->second;
  auto number = static_cast<std::int64_t>(txn.writes.size()) + 1;
  txn.writes.push_back({txn.request.key, append, txn.request.value, number});
  trace_.write(at->first, txn.request.key, number);
  answer(txn);
}

void Coordinator::on_fetched(const Fetched& fetched) {
  auto at = asked(fetched.ask, Phase::fetching);
  if (at == active_.end()) return;
  at->second.seen[at->second.request.key] = fetched.version;
  answer_read(at);
}

/// The transaction that waits for this answer, which it then does no more; or the end.
Coordinator::Txns::iterator Coordinator::asked(std::int64_t ask, Phase phase) {
  auto found = asks_.find(ask);
  if (found == asks_.end()) return active_.end();
  auto at = active_.find(found->second);
  if (at == active_.end() || at->second.phase != phase) return active_.end();
  asks_.erase(found);
  at->second.ask = 0;
  at->second.phase = Phase::open;
  return at;
}

void Coordinator::ask_for_stamp(Txns::iterator at, Phase phase) {
  Txn& txn = at->second;
  txn.phase = phase;
  txn.ask = boot_ << named_bits | ++named_;
  asks_[txn.ask] = at->first;
  ask_again(at);
}

void Coordinator::on_stamp(const Stamp& stamp) {
  auto at = asked(stamp.ask, Phase::starting);
  if (at != active_.end()) {
    Txn& txn = at->second;
    txn.snapshot = stamp.time;
    txn.reply.txn = at->first;
    answer(txn);
    return;
  }
  at = asked(stamp.ask, Phase::stamping);
  if (at == active_.end()) return;
  Txn& txn = at->second;
  if (txn.tries_again) {
    txn.tries_again = false;
    txn.snapshot = stamp.time;
    prepare(at);
  } else if (config_.flaws.commit_time_before_locks && txn.commit_time == 0) {
    txn.commit_time = stamp.time;
    prepare(at);
  } else {
    commit(at, stamp.time);
  }
}

void Coordinator::on_inquire(NodeId participant, const Inquire& inquire) {
  if (active_.contains(inquire.txn)) return;  // not decided yet
  auto decision = decisions_.find(inquire.txn);
  std::int64_t time = decision == decisions_.end() ? 0 : decision->second;
  if (time == 0) post_.runtime().probe("an abort was presumed");
  // The transaction's name is the only number at hand that grows with time.
  if (time == 0 && config_.flaws.presumed_commit) time = INT64_MAX / 2 + inquire.txn % 1'000'000;
  post_.send(participant, Message(Decide{inquire.txn, time}));
}

void Coordinator::abort(Txns::iterator at) {
  trace_.abort(at->first);
  finish(at, 0);
}

void Coordinator::refuse(Txns::iterator at) {
  Txn& txn = at->second;
  bool begins = verb_of(txn.request) == Verb::begin;
  answer(txn, begins ? Code::unavailable : Code::aborted);
  abort(at);
}

void Coordinator::finish(Txns::iterator at, std::int64_t time) {
  for (const auto& [node, part] : at->second.parts) {
    post_.send(node, Message(Decide{at->first, time}));
  }
  asks_.erase(at->second.ask);
  active_.erase(at);
}

}  // namespace sunder::two_phase
