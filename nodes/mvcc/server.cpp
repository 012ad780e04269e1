#include "nodes/mvcc/server.h"

#include "nodes/kv/bytes.h"
#include "nodes/register/key_store.h"

namespace sunder::mvcc {
namespace {

using txn::Code;
using txn::Reply;
using txn::Request;
using txn::Verb;

constexpr Duration tick = std::chrono::milliseconds(100);
constexpr Duration lag_of_flaw = std::chrono::milliseconds(20);
constexpr int begun_bits = 32;

std::uint8_t coded(Code code) { return static_cast<std::uint8_t>(code); }

}  // namespace

Server::Server(Runtime& runtime, Config config)
    : runtime_(runtime), config_(config), trace_(runtime), conflicts_(config.flaws) {
  if (config_.flaws.lagging_snapshots) {
    config_.stale = true;
    config_.lag = lag_of_flaw;
  }
}

void Server::on_start() {
  if (!serves()) return;
  recover();
  boot_ = registers::count_boot(runtime_.storage());
  runtime_.storage().sync();
  trace_.boot(config_.claim.level, config_.claim.strong, last_);
  runtime_.start_timer(tick);
}

void Server::on_message(const Envelope& envelope) {
  const Request* request = envelope.message.as<Request>();
  if (request == nullptr || !serves()) return;
  if (request->verb > static_cast<std::uint8_t>(txn::last_verb)) return;
  NodeId client = envelope.source;
  if (static_cast<Verb>(request->verb) == Verb::begin) return on_begin(client, *request);
  auto at = active_.find(request->txn);
  if (at == active_.end() || at->second.client != client) {
    answer_unknown(client, *request);
    return;
  }
  Txn& txn = at->second;
  if (request->msg_id < txn.reply.in_reply_to) return;  // a late copy
  if (request->msg_id > txn.reply.in_reply_to) {
    carry_out(at, *request);
  } else {
    runtime_.send(client, Message(txn.reply));
  }
}

// A transaction that is not active was committed or never will be.
void Server::answer_unknown(NodeId client, const Request& request) {
  bool commits = static_cast<Verb>(request.verb) == Verb::commit && request.txn != 0;
  bool done = commits && sessions_[client].committed == request.txn;
  if (done) runtime_.probe("a commit was asked for again");
  reply(client, {.in_reply_to = request.msg_id, .code = coded(done ? Code::ok : Code::aborted)});
}

void Server::on_timer(Timer) {
  for (auto at = active_.begin(); at != active_.end();) {
    auto present = at++;
    if (runtime_.now() - present->second.heard < config_.idle_limit) continue;
    runtime_.probe("an idle transaction was aborted");
    abort(present);
  }
  if (config_.flaws.ack_before_sync && runtime_.rng().below(10) == 0) runtime_.storage().sync();
  runtime_.start_timer(tick);
}

NodeStatus Server::status() const {
  return {.role = serves() ? "leader" : "spare", .term = boot_, .ready = true};
}

void Server::on_begin(NodeId client, const Request& request) {
  Session& session = sessions_[client];
  if (request.msg_id < session.begun_by) return;
  auto present = active_.find(session.txn);
  if (request.msg_id == session.begun_by) {
    // Its answer was lost, or this is a late copy, which then finds other answers since.
    if (present == active_.end()) return;
    const Reply& last = present->second.reply;
    if (last.in_reply_to == request.msg_id) runtime_.send(client, Message(last));
    return;
  }
  if (present != active_.end()) abort(present);  // its client has given it up
  begin(client, request);
}

void Server::begin(NodeId client, const Request& request) {
  std::int64_t id = (boot_ << begun_bits) | ++begun_;
  Session& session = sessions_[client];
  session.begun_by = request.msg_id;
  session.txn = id;
  Txn& txn = active_[id];
  txn.client = client;
  txn.heard = runtime_.now();
  txn.snapshot = snapshot_now();
  if (request.told != 0) trace_.told(request.told);
  trace_.begin(id, request.op);
  if (tracks()) conflicts_.begin(id, txn.snapshot);
  txn.reply = {.in_reply_to = request.msg_id, .txn = id};
  runtime_.send(client, Message(txn.reply));
}

std::int64_t Server::snapshot_now() {
  if (!config_.stale) return last_;
  Duration age = runtime_.rng().between(Duration{0}, config_.lag);
  std::int64_t snapshot = last_;
  for (auto at = recent_.rbegin(); at != recent_.rend(); ++at) {
    if (runtime_.now() - at->first >= age) break;
    snapshot = at->second - 1;
  }
  return std::max(snapshot, floor_);
}

void Server::carry_out(Txns::iterator at, const Request& request) {
  Txn& txn = at->second;
  txn.heard = runtime_.now();
  txn.reply = {.in_reply_to = request.msg_id};
  NodeId client = txn.client;
  switch (static_cast<Verb>(request.verb)) {
    case Verb::read: on_read(at, request.key); break;
    case Verb::write:
    case Verb::append:
      if (on_write(at, request)) break;
      abort(at);
      reply(client, {.in_reply_to = request.msg_id, .code = coded(Code::aborted)});
      return;
    case Verb::commit: {
      bool done = on_commit(at);
      reply(client,
            {.in_reply_to = request.msg_id, .code = coded(done ? Code::ok : Code::aborted)});
      return;
    }
    case Verb::abort: abort(at); return;
    case Verb::begin: return;
  }
  runtime_.send(client, Message(txn.reply));
}

const Version* Server::dirty(std::int64_t key) const {
  auto lock = locks_.find(key);
  if (lock == locks_.end()) return nullptr;
  return &active_.at(lock->second).drafts.at(key);
}

const Version& Server::visible(const Txn& txn, std::int64_t key) const {
  auto own = txn.drafts.find(key);
  if (own != txn.drafts.end()) return own->second;
  if (config_.level == txn::Level::read_uncommitted || config_.flaws.dirty_reads) {
    if (const Version* draft = dirty(key)) return *draft;
  }
  if (!snapshots() || config_.flaws.snapshot_per_statement) return versions_.newest(key);
  return versions_.at(key, txn.snapshot);
}

void Server::on_read(Txns::iterator at, std::int64_t key) {
  Txn& txn = at->second;
  const Version& version = visible(txn, key);
  txn.reply.found = version.writer != 0;
  txn.reply.items = version.items;
  if (txn.drafts.contains(key)) return;
  trace_.read(at->first, key, version.writer, version.number);
  if (tracks()) note_overlooked(at->first, txn, key);
}

// The writer of the first version that the snapshot lacks is the one that comes next. Those of
// later ones depend on it by their writes, and are drawn too, as both papers do.
void Server::note_overlooked(std::int64_t id, const Txn& txn, std::int64_t key) {
  conflicts_.read(id, key);
  std::span<const Version> newer = versions_.after(key, txn.snapshot);
  if (config_.flaws.newest_writer_only && !newer.empty()) newer = newer.last(1);
  for (const Version& version : newer) conflicts_.overlooks(id, version.writer);
  auto lock = locks_.find(key);
  if (lock != locks_.end()) conflicts_.overlooks(id, lock->second);
}

bool Server::on_write(Txns::iterator at, const Request& request) {
  auto& [id, txn] = *at;
  auto [lock, free] = locks_.try_emplace(request.key, id);
  if (!free && lock->second != id) {
    runtime_.probe("a lock was taken");
    return false;
  }
  if (free) {
    const Version& newest = versions_.newest(request.key);
    bool checked = snapshots() && !config_.flaws.updaters_unchecked;
    if (checked && newest.time > txn.snapshot) {
      locks_.erase(lock);
      runtime_.probe("another updater was first");
      return false;
    }
    txn.drafts[request.key] = newest;
    if (tracks()) conflicts_.write(id, request.key);
  }
  Version& draft = txn.drafts[request.key];
  if (static_cast<Verb>(request.verb) == Verb::write) draft.items.clear();
  draft.items.push_back(request.value);
  draft.writer = id;
  draft.number = ++txn.writes;
  trace_.write(id, request.key, draft.number);
  return true;
}

bool Server::on_commit(Txns::iterator at) {
  auto& [id, txn] = *at;
  bool wrote = !txn.drafts.empty();
  if (tracks() && !conflicts_.may_commit(id, wrote)) {
    runtime_.probe("a dangerous structure was stopped");
    abort(at);
    return false;
  }
  if (wrote) {
    ++last_;
    log_commit(id, txn);
    install(id, txn);
  }
  trace_.commit(id, last_, last_);
  if (tracks()) conflicts_.commit(id, last_, wrote);
  sessions_[txn.client].committed = id;
  release(at);
  return true;
}

// Whoever is shown this commit is answered after the barrier.
void Server::log_commit(std::int64_t id, const Txn& txn) {
  std::size_t records = config_.flaws.torn_commit ? txn.drafts.size() : 1;
  auto draft = txn.drafts.begin();
  while (draft != txn.drafts.end()) {
    std::size_t count = txn.drafts.size() / records;
    ByteWriter out;
    out.number(last_);
    out.number(id);
    out.number(txn.client.index);
    out.number(static_cast<std::int64_t>(count));
    for (; count > 0; --count, ++draft) {
      out.number(draft->first);
      out.number(draft->second.number);
      out.number(static_cast<std::int64_t>(draft->second.items.size()));
      for (std::int64_t item : draft->second.items) out.number(item);
    }
    runtime_.storage().append(out.take());
  }
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

void Server::install(std::int64_t id, const Txn& txn) {
  for (const auto& [key, draft] : txn.drafts) {
    versions_.add(key, {last_, id, draft.number, draft.items});
  }
  recent_.emplace_back(runtime_.now(), last_);
}

void Server::abort(Txns::iterator at) {
  auto& [id, txn] = *at;
  trace_.abort(id);
  conflicts_.abort(id);
  if (config_.flaws.rollback_keeps_writes && !txn.drafts.empty()) {
    ++last_;
    install(id, txn);
  }
  release(at);
}

void Server::release(Txns::iterator at) {
  for (const auto& [key, draft] : at->second.drafts) locks_.erase(key);
  active_.erase(at);
  forget_old();
}

// What no snapshot of now or later lacks can be in no dangerous structure any more.
void Server::forget_old() {
  while (!recent_.empty() && runtime_.now() - recent_.front().first > 2 * config_.lag) {
    floor_ = std::max(floor_, recent_.front().second);
    recent_.pop_front();
  }
  if (!tracks()) return;
  std::int64_t oldest = config_.stale ? floor_ : last_;
  for (const auto& [id, txn] : active_) oldest = std::min(oldest, txn.snapshot);
  conflicts_.forget_before(oldest);
}

void Server::reply(NodeId client, const Reply& reply) { runtime_.send(client, Message(reply)); }

void Server::recover() {
  Storage& storage = runtime_.storage();
  std::uint64_t at = storage.log_begin();
  for (; at < storage.log_end(); ++at) {
    ByteReader in(storage.log_read(at));
    std::int64_t time = in.number();
    std::int64_t id = in.number();
    auto client = static_cast<std::int32_t>(in.number());
    std::vector<std::pair<std::int64_t, Version>> written;
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      Version version{time, id, in.number(), {}};
      for (std::int64_t items = in.number(); items > 0 && in.ok(); --items) {
        version.items.push_back(in.number());
      }
      written.emplace_back(key, std::move(version));
    }
    if (!in.ok()) break;  // torn, so that nobody was told of it
    for (auto& [key, version] : written) versions_.add(key, std::move(version));
    sessions_[NodeId::client(client)].committed = id;
    last_ = time;
  }
  if (at < storage.log_end()) storage.truncate_from(at);
  floor_ = last_;
}

}  // namespace sunder::mvcc
