#include "nodes/kv/client.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

// Two servers may name each other for a while around an election; then it is time to wait.
constexpr int hops_max = 2;

}  // namespace

KvClient::KvClient(Channel& channel, KvClientConfig config)
    : channel_(channel),
      config_(std::move(config)),
      read_target_(config.fixed_server ? channel.servers().front() : channel.home()),
      update_target_(read_target_),
      dialect_(config_.leased ? lease_dialect() : kv_dialect(config_.datatype)) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const KvReply* reply = envelope.message.as<KvReply>()) on_reply(envelope.source, *reply);
  });
}

KvClient::~KvClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

void KvClient::invoke(const Op& invocation, Complete complete) {
  ASSERT(!complete_);
  if (dialect_->settles(invocation)) {
    complete(Outcome::ok(invocation.value));
    return;
  }
  std::optional<KvCommand> command = dialect_->command(invocation);
  if (!command) {
    complete(Outcome::fail("refused: these arguments are not understood"));
    return;
  }
  command_ = *command;
  invocation_ = invocation;
  complete_ = std::move(complete);
  hops_ = 0;
  if (needs_session()) command_.sequence = ++sequence_;
  opening_ = needs_session() && session_ == 0;
  ++msg_id_;
  attempt();
}

void KvClient::attempt() {
  KvRequest request{.msg_id = msg_id_,
                    .op = static_cast<std::int64_t>(invocation_.index),
                    .command = command_};
  if (opening_) {
    request.op = -1;
    request.command = {.verb = static_cast<std::uint8_t>(KvVerb::open_session)};
  } else if (needs_session()) {
    request.command.session = session_;
  }
  channel_.send(target(), Message(std::move(request)));
  timer_ = channel_.start_timer(config_.retry_after, [this] { on_timeout(); });
}

void KvClient::attempt_after(Duration delay) {
  channel_.cancel_timer(timer_);
  timer_ = channel_.start_timer(delay, [this] { attempt(); });
}

void KvClient::on_timeout() {
  target() = next_server(target());
  hops_ = 0;
  bool takes = command_.kind() == KvVerb::dequeue;
  if (config_.renames_takes && takes && !opening_) command_.sequence = ++sequence_;
  attempt();
}

NodeId KvClient::next_server(NodeId after) const {
  std::span<const NodeId> servers = channel_.servers();
  if (config_.fixed_server) return servers.front();
  for (std::size_t i = 0; i + 1 < servers.size(); ++i) {
    if (servers[i] == after) return servers[i + 1];
  }
  return servers.front();
}

void KvClient::on_reply(NodeId source, const KvReply& reply) {
  if (!complete_ || reply.in_reply_to != msg_id_) return;
  auto code = static_cast<KvCode>(reply.code);
  if (code == KvCode::unavailable) {
    // Only the server that is being waited for may send the client elsewhere.
    if (source == target()) on_refusal(reply);
    return;
  }
  if (opening_) {
    session_ = reply.value.value_or(0);
    opening_ = false;
    ++msg_id_;
    channel_.cancel_timer(timer_);
    attempt();
    return;
  }
  switch (code) {
    case KvCode::ok: break;
    case KvCode::condition_failed:
      finish(Outcome::fail(std::string(dialect_->refusal())));
      return;
    case KvCode::session_expired:
    case KvCode::unavailable: finish(Outcome::info("session expired")); return;
  }
  finish(Outcome::ok(dialect_->answer(invocation_, command_, reply)));
}

void KvClient::on_refusal(const KvReply& reply) {
  if (reply.leader && *reply.leader != target() && hops_ < hops_max && !config_.fixed_server) {
    ++hops_;
    target() = *reply.leader;
    channel_.cancel_timer(timer_);
    attempt();
    return;
  }
  hops_ = 0;
  target() = reply.leader.value_or(next_server(target()));
  Duration jitter = channel_.rng().between(Duration{0}, config_.back_off);
  attempt_after(config_.back_off / 2 + jitter);
}

void KvClient::finish(Outcome outcome) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder
