#include "nodes/primary_backup/server.h"

#include <algorithm>

#include "nodes/kv/bytes.h"

namespace sunder::primary_backup {
namespace {

using registers::Code;
using registers::Reply;
using registers::Request;

constexpr std::string_view view_key = "view";
constexpr std::size_t batch_max = 256;  // entries in one message
constexpr Duration degrade_after = std::chrono::milliseconds(200);

}  // namespace

Server::Server(Runtime& runtime, Config config) : runtime_(runtime), config_(config) {}

void Server::on_start() {
  recover();
  runtime_.start_timer(config_.ping);
}

void Server::recover() {
  Storage& storage = runtime_.storage();
  if (const Bytes* saved = storage.get(view_key)) view_ = view_from(*saved);
  std::uint64_t at = storage.log_begin();
  for (; at < storage.log_end(); ++at) {
    ByteReader in(storage.log_read(at));
    Entry entry;
    entry.view = in.number();
    entry.key = in.number();
    entry.value = in.number();
    if (!in.ok()) break;  // torn, so that nobody was told of it
    log_.push_back(entry);
  }
  if (at < storage.log_end()) storage.truncate_from(at);
  // Answers to the questions of an earlier boot must fit none of this one.
  check_ = confirmed_ = static_cast<std::int64_t>(runtime_.rng().next() >> 2);
  next_ = last() + 1;
  view_start_ = last();
  runtime_.trace({.kind = "boot", .numbers = {{{"view", view_.number}, {"last", last()}}}});
  if (is_primary() && view_.backup) return;  // the backup must say that it has everything
  ready_view_ = view_.number;
  if (is_primary()) commit_to(last());
}

void Server::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || source.index >= std::ssize(runtime_.peers())) return;
  if (const auto* forward = message.as<Forward>()) return on_forward(source, *forward);
  if (const auto* answer = message.as<Forwarded>()) return on_forwarded(source, *answer);
  bool from_service = source == runtime_.peers().front();
  if (const auto* told = message.as<Announce>(); told && from_service) on_announce(told->view);
}

void Server::on_timer(Timer) {
  runtime_.start_timer(config_.ping);
  runtime_.send(runtime_.peers().front(), Message(Ping{ready_view_}));
  if (is_primary() && view_.backup) forward();
  give_up_old();
}

NodeStatus Server::status() const {
  std::string role = is_primary() ? "leader" : is_backup() ? "backup" : "idle";
  bool ready = is_primary() ? ready_view_ == view_.number : view_.number > 0;
  return {.role = std::move(role), .term = view_.number, .ready = ready};
}

std::int64_t Server::view_at(std::int64_t index) const {
  return index == 0 ? 0 : log_[static_cast<std::size_t>(index - 1)].view;
}

// What a promoted backup holds counts from now on, whether it was acknowledged or not.
void Server::on_announce(const View& view) {
  if (view.number <= view_.number) return;
  bool was_primary = is_primary();
  view_ = view;
  runtime_.storage().put(view_key, to_bytes(view_));
  barrier();
  if (was_primary && !is_primary()) abandon_all();
  if (!is_primary()) {
    ready_view_ = view_.number;
    return;
  }
  runtime_.trace({.kind = "primary", .numbers = {{{"view", view_.number}, {"last", last()}}}});
  next_ = last() + 1;
  confirmed_ = check_;
  for (Read& read : reads_) read.check = check_ + 1;
  if (!was_primary) view_start_ = last();
  if (view_.backup) {
    forward();
  } else {
    ready_view_ = view_.number;
    commit_to(last());
    serve_reads();
  }
}

void Server::on_request(NodeId client, const Request& request) {
  if (!is_primary()) return answer(client, request.msg_id, Code::unavailable);
  if (!request.write) {
    reads_.push_back({client, request.msg_id, request.key, check_ + 1, runtime_.now()});
    if (view_.backup) forward();
    serve_reads();
    return;
  }
  if (!once_.is_new(client, request.msg_id)) return;
  append({view_.number, request.key, request.value});
  writes_.push_back({client, request.msg_id, request.op, last(), runtime_.now()});
  barrier();  // the own copy is durable before any answer of the backup comes in
  if (view_.backup) forward();
  if (!view_.backup || config_.async) commit_to(last());
}

void Server::forward() {
  Forward message{.view = view_.number, .check = ++check_, .previous = next_ - 1};
  message.previous_view = view_at(message.previous);
  for (std::int64_t index = next_; index <= last() && message.entries.size() < batch_max; ++index) {
    message.entries.push_back(log_[static_cast<std::size_t>(index - 1)]);
  }
  runtime_.send(*view_.backup, Message(std::move(message)));
}

void Server::on_forward(NodeId source, const Forward& message) {
  bool ours = message.view == view_.number && source == view_.primary && is_backup();
  if (!ours && !config_.flaws.no_fencing) {
    if (message.view < view_.number) runtime_.probe("a deposed primary was fenced off");
    return;
  }
  Forwarded reply{.view = message.view, .check = message.check};
  std::int64_t previous = message.previous;
  reply.matches = previous >= 0 && previous <= last() && view_at(previous) == message.previous_view;
  if (reply.matches) {
    reply.index = previous;
    for (const Entry& entry : message.entries) {
      ++reply.index;
      if (reply.index <= last() && view_at(reply.index) == entry.view) continue;
      truncate_from(reply.index);
      append(entry);
    }
  } else {
    reply.index = std::clamp<std::int64_t>(previous - 1, 0, last());
  }
  barrier();
  runtime_.send(source, Message(reply));
}

void Server::on_forwarded(NodeId source, const Forwarded& answer) {
  if (!is_primary() || source != view_.backup || answer.view != view_.number) return;
  if (!answer.matches) {
    if (answer.index + 1 >= next_ || answer.index < 0) return;  // an old answer
    next_ = answer.index + 1;
    forward();
    return;
  }
  confirmed_ = std::max(confirmed_, std::min(answer.check, check_));
  std::int64_t index = std::min(answer.index, last());
  next_ = std::max(next_, index + 1);
  if (index == last()) ready_view_ = view_.number;
  commit_to(index);
  serve_reads();
  if (next_ <= last()) forward();
}

void Server::commit_to(std::int64_t index) {
  while (commit_ < index) {
    const Entry& entry = log_[static_cast<std::size_t>(commit_)];
    ++commit_;
    registers_[entry.key] = entry.value;
  }
  // Without a backup nobody proves the own copy durable, and a trace would promise too much.
  bool proved = view_.backup && !config_.async;
  while (!writes_.empty() && writes_.front().index <= commit_) {
    const Write& write = writes_.front();
    if (proved) {
      runtime_.trace({.kind = "acknowledged",
                      .numbers = {{{"view", view_.number}, {"index", write.index},
                                   {"op", write.op}}}});
    }
    answer(write.client, write.msg_id, Code::ok);
    writes_.pop_front();
  }
}

void Server::serve_reads() {
  bool asks = view_.backup && !config_.async && !config_.flaws.reads_not_confirmed;
  if (commit_ < view_start_) return;
  while (!reads_.empty() && (!asks || reads_.front().check <= confirmed_)) {
    Read read = reads_.front();
    reads_.pop_front();
    auto found = registers_.find(read.key);
    std::optional<std::int64_t> value;
    if (found != registers_.end()) value = found->second;
    answer(read.client, read.msg_id, Code::ok, value);
  }
}

void Server::answer(NodeId client, std::int64_t msg_id, Code code,
                    std::optional<std::int64_t> value) {
  Reply reply{.in_reply_to = msg_id, .value = value};
  reply.code = static_cast<std::uint8_t>(code);
  if (code == Code::unavailable && !is_primary()) reply.serves = view_.primary;
  runtime_.send(client, Message(std::move(reply)));
}

void Server::give_up_old() {
  auto old = [this](Instant since) { return runtime_.now() - since >= config_.give_up; };
  if (config_.flaws.degrades_to_async && !writes_.empty() &&
      runtime_.now() - writes_.front().since >= degrade_after) {
    commit_to(last());
    view_start_ = 0;
  }
  while (!writes_.empty() && old(writes_.front().since)) {
    answer(writes_.front().client, writes_.front().msg_id, Code::aborted);
    writes_.pop_front();
  }
  while (!reads_.empty() && old(reads_.front().since)) {
    answer(reads_.front().client, reads_.front().msg_id, Code::unavailable);
    reads_.pop_front();
  }
}

// The new primary may have these writes, or drop them.
void Server::abandon_all() {
  for (const Write& write : writes_) answer(write.client, write.msg_id, Code::aborted);
  for (const Read& read : reads_) answer(read.client, read.msg_id, Code::unavailable);
  writes_.clear();
  reads_.clear();
}

void Server::append(const Entry& entry) {
  ByteWriter out;
  out.number(entry.view);
  out.number(entry.key);
  out.number(entry.value);
  runtime_.storage().append(out.take());
  log_.push_back(entry);
  runtime_.trace({.kind = "append",
                  .numbers = {{{"index", last()}, {"view", entry.view}, {"key", entry.key},
                               {"value", entry.value}}}});
}

// Only what was never acknowledged is replaced, but it may have been applied by a primary that
// acknowledges early: then the state is made anew.
void Server::truncate_from(std::int64_t index) {
  if (index > last()) return;
  Storage& storage = runtime_.storage();
  storage.truncate_from(storage.log_begin() + static_cast<std::uint64_t>(index - 1));
  log_.resize(static_cast<std::size_t>(index - 1));
  if (commit_ < index) return;
  commit_ = 0;
  registers_.clear();
  commit_to(last());
}

void Server::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::primary_backup
