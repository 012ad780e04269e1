#include "nodes/txn/client.h"

#include "harness/core/assert.h"

namespace sunder::txn {
namespace {

constexpr Duration refusal_pause = std::chrono::milliseconds(50);

}  // namespace

TxnClient::TxnClient(Channel& channel, ClientConfig config)
    : channel_(channel),
      config_(std::move(config)),
      target_(config_.fixed_server ? channel.servers().front() : channel.home()) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const Reply* reply = envelope.message.as<Reply>()) on_reply(envelope.source, *reply);
  });
}

TxnClient::~TxnClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

void TxnClient::invoke(const Op& invocation, Complete complete) {
  ASSERT(!complete_);
  script_ = script_of(config_.datatype, invocation);
  if (script_ == nullptr) {
    complete(Outcome::fail("refused: these arguments are not understood"));
    return;
  }
  op_ = static_cast<std::int64_t>(invocation.index);
  complete_ = std::move(complete);
  begin();
}

void TxnClient::begin() {
  answered_.clear();
  request_ = {.op = op_, .told = told_};
  ask(Verb::begin);
}

void TxnClient::go_on() {
  if (std::string_view objection = script_->objection(answered_); !objection.empty()) {
    abandon(std::string(objection));
    return;
  }
  std::optional<Step> step = script_->next(answered_);
  if (step) {
    ask(step->verb, *step);
  } else {
    ask(Verb::commit);
  }
}

void TxnClient::ask(Verb verb, const Step& step) {
  request_.msg_id = ++msg_id_;
  request_.verb = static_cast<std::uint8_t>(verb);
  request_.key = step.key;
  request_.value = step.value;
  asked_at_ = channel_.now();
  send();
}

void TxnClient::send() {
  channel_.cancel_timer(timer_);
  channel_.send(target_, Message(request_));
  timer_ = channel_.start_timer(config_.retry_after, [this] { on_timer(); });
}

void TxnClient::on_timer() {
  if (asked() == Verb::commit) {
    if (config_.runs_again) {
      begin();
    } else {
      send();
    }
    return;
  }
  if (channel_.now() - asked_at_ >= config_.give_up_after) {
    abandon("no answer from " + to_string(target_) + " before the commit");
    return;
  }
  if (asked() == Verb::begin) elsewhere();
  send();
}

void TxnClient::elsewhere() {
  if (config_.fixed_server) return;
  std::span<const NodeId> servers = channel_.servers();
  target_ = servers[channel_.rng().below(servers.size())];
}

void TxnClient::on_reply(NodeId source, const Reply& reply) {
  if (!complete_ || reply.in_reply_to != msg_id_) return;
  switch (static_cast<Code>(reply.code)) {
    case Code::ok: break;
    case Code::aborted: finish(Outcome::fail("aborted")); return;
    case Code::unavailable:
      elsewhere();
      channel_.cancel_timer(timer_);
      timer_ = channel_.start_timer(refusal_pause, [this] { on_timer(); });
      return;
    default: finish(Outcome::info("an answer that nobody knows")); return;
  }
  if (asked() == Verb::commit) {
    told_ = request_.txn;
    finish(Outcome::ok(script_->answer(answered_)));
    return;
  }
  if (asked() == Verb::begin) {
    target_ = source;  // more than one may have been asked
    request_.txn = reply.txn;
    request_.told = 0;
  } else {
    answered_.push_back({reply.found, reply.items});
  }
  go_on();
}

void TxnClient::abandon(std::string why) {
  if (request_.txn != 0) {
    request_.msg_id = ++msg_id_;
    request_.verb = static_cast<std::uint8_t>(Verb::abort);
    channel_.send(target_, Message(request_));
  }
  elsewhere();
  finish(Outcome::fail(std::move(why)));
}

void TxnClient::finish(Outcome outcome) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder::txn
