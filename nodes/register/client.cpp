#include "nodes/register/client.h"

#include "harness/core/assert.h"

namespace sunder::registers {
namespace {

constexpr Duration redirect_pause = std::chrono::milliseconds(20);

// [key value] of integers; the value of a read is not looked at.
std::optional<Request> request_from(const Op& invocation) {
  if (!invocation.value.is_list() || invocation.value.list().size() != 2) return {};
  const Value& key = invocation.value.list()[0];
  const Value& argument = invocation.value.list()[1];
  bool writes = invocation.verb == "write";
  if (!key.is_integer() || (writes ? !argument.is_integer() : invocation.verb != "read")) return {};
  Request request{.write = writes, .key = key.integer()};
  request.op = static_cast<std::int64_t>(invocation.index);
  if (writes) request.value = argument.integer();
  return request;
}

}  // namespace

RegisterClient::RegisterClient(Channel& channel, ClientConfig config)
    : channel_(channel), config_(config), target_(channel.home()) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const Reply* reply = envelope.message.as<Reply>()) on_reply(*reply);
  });
}

RegisterClient::~RegisterClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

void RegisterClient::invoke(const Op& invocation, Complete complete) {
  ASSERT(!complete_);
  std::optional<Request> request = request_from(invocation);
  if (!request) {
    complete(Outcome::fail("refused: not a read or write of integers"));
    return;
  }
  request_ = *std::move(request);
  const SessionRules& rules = config_.session;
  clock::VectorClock needs;
  if (request_.write ? rules.writes_need_writes : rules.reads_need_writes) needs.merge(written_);
  if (request_.write ? rules.writes_need_reads : rules.reads_need_reads) needs.merge(read_);
  request_.needs = needs.counts();
  request_.time = time_;
  request_.msg_id = ++msg_id_;
  argument_ = invocation.value;
  complete_ = std::move(complete);
  begun_ = channel_.now();
  if (!config_.pinned) choose_server();
  send();
}

void RegisterClient::choose_server() {
  target_ = channel_.servers()[channel_.rng().below(channel_.servers().size())];
}

void RegisterClient::send() {
  channel_.send(target_, Message(request_));
  Duration wait = request_.write ? config_.give_up_after : config_.retry_after;
  timer_ = channel_.start_timer(wait, [this] { on_timer(); });
}

void RegisterClient::on_timer() {
  if (request_.write) {
    finish(Outcome::info("no answer from " + to_string(target_)));
    return;
  }
  if (!config_.pinned) choose_server();
  send();
}

void RegisterClient::on_reply(const Reply& reply) {
  if (!complete_ || reply.in_reply_to != msg_id_) return;
  switch (static_cast<Code>(reply.code)) {
    case Code::ok: break;
    case Code::unavailable: on_refusal(reply); return;
    case Code::aborted: finish(Outcome::info("given up half way")); return;
    default: finish(Outcome::info("an answer that nobody knows")); return;
  }
  remember(reply);
  if (request_.write) {
    finish(Outcome::ok(std::move(argument_)));
    return;
  }
  Value answer = reply.value ? Value(*reply.value) : Value();
  finish(Outcome::ok(Value::pair(Value(request_.key), std::move(answer))));
}

void RegisterClient::on_refusal(const Reply& reply) {
  bool patient = channel_.now() - begun_ < config_.give_up_after;
  if (!config_.redirected || !patient) {
    finish(Outcome::fail("refused by a server that cannot serve it"));
    return;
  }
  if (reply.serves && *reply.serves != target_) {
    target_ = *reply.serves;
  } else {
    choose_server();
  }
  channel_.cancel_timer(timer_);
  timer_ = channel_.start_timer(redirect_pause, [this] { send(); });
}

void RegisterClient::remember(const Reply& reply) {
  time_ = std::max(time_, reply.time);
  auto origin = static_cast<std::size_t>(reply.origin);
  if (reply.sequence <= 0 || origin >= channel_.servers().size()) return;
  (request_.write ? written_ : read_).raise(origin, reply.sequence);
}

void RegisterClient::finish(Outcome outcome) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder::registers
