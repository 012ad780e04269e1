#include "nodes/pbft/client.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::pbft {

PbftClient::PbftClient(Channel& channel, const Config& config, std::string_view datatype)
    : channel_(channel),
      retry_after_(config.client_retry),
      needed_(config.flaws.first_reply_believed ? 1 : faults_of(channel.servers().size()) + 1),
      with_macs_(config.flaws.requests_with_macs),
      keys_(channel.self(), channel.servers().size()),
      dialect_(kv_dialect(datatype)) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const auto* reply = envelope.message.as<Sealed<Reply>>()) on_reply(*reply);
  });
}

PbftClient::~PbftClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

void PbftClient::invoke(const Op& invocation, Complete complete) {
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
  invocation_ = invocation;
  complete_ = std::move(complete);
  replies_.clear();
  request_ = {.client = channel_.self(),
              .timestamp = request_.timestamp + 1,
              .op = static_cast<std::int64_t>(invocation.index),
              .command = *command};
  if (with_macs_) {
    request_.macs = keys_.authenticator(signed_bytes(request_));
  } else {
    request_.signature = keys_.sign(signed_bytes(request_));
  }
  std::span<const NodeId> servers = channel_.servers();
  channel_.send(servers[static_cast<std::size_t>(view_) % servers.size()], Message(request_));
  timer_ = channel_.start_timer(retry_after_, [this] { on_timeout(); });
}

void PbftClient::on_timeout() {
  for (NodeId server : channel_.servers()) channel_.send(server, Message(request_));
  timer_ = channel_.start_timer(retry_after_, [this] { on_timeout(); });
}

void PbftClient::on_reply(const Sealed<Reply>& reply) {
  if (!complete_ || reply.body.timestamp != request_.timestamp || reply.seal.size() != 1) return;
  std::span<const NodeId> servers = channel_.servers();
  if (std::find(servers.begin(), servers.end(), reply.sender) == servers.end()) return;
  if (!keys_.check(reply.sender, sealed_bytes(reply.sender, reply.body), reply.seal[0])) return;
  replies_[reply.sender] = reply.body;
  std::size_t same = 0;
  std::int64_t view = reply.body.view;
  for (const auto& [server, other] : replies_) {
    if (other.code != reply.body.code || other.value != reply.body.value ||
        other.list != reply.body.list) {
      continue;
    }
    ++same;
    view = std::min(view, other.view);
  }
  if (same < needed_) return;
  view_ = std::max<std::int64_t>(view, 0);
  finish(reply.body);
}

void PbftClient::finish(const Reply& result) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  KvReply answer{.code = result.code, .value = result.value, .list = result.list};
  auto code = static_cast<KvCode>(result.code);
  Outcome outcome = Outcome::info("an answer that no request has");
  if (code == KvCode::ok) {
    outcome = Outcome::ok(dialect_->answer(invocation_, request_.command, answer));
  } else if (code == KvCode::condition_failed) {
    outcome = Outcome::fail(std::string(dialect_->refusal()));
  }
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder::pbft
