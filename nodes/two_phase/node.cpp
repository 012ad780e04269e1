#include "nodes/two_phase/node.h"

#include "nodes/register/key_store.h"

namespace sunder::two_phase {

ShardNode::ShardNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      post_(runtime),
      journal_(runtime.storage()),
      oracle_(post_, config_),
      participant_(post_, journal_, config_),
      coordinator_(post_, journal_, config_) {}

void ShardNode::on_start() {
  oracle_.recover();
  journal_.recover({
      .prepared =
          [this](NodeId coordinator, Prepare prepare) {
            participant_.recover_prepared(coordinator, std::move(prepare));
          },
      .ended = [this](std::int64_t txn,
                      std::int64_t time) { participant_.recover_ended(txn, time); },
      .decided = [this](const Decision& decision) { coordinator_.recover_decision(decision); },
  });
  participant_.after_recovery();
  boot_ = registers::count_boot(runtime_.storage());
  runtime_.storage().sync();
  coordinator_.start(boot_);
  runtime_.start_timer(config_.retransmit);
}

void ShardNode::on_message(const Envelope& envelope) {
  handle(envelope);
  deliver_own();
}

void ShardNode::on_timer(Timer) {
  if (is_oracle()) oracle_.on_tick();
  participant_.on_tick();
  coordinator_.on_tick();
  deliver_own();
  runtime_.start_timer(config_.retransmit);
}

void ShardNode::deliver_own() {
  post_.deliver_own([this](const Envelope& envelope) { handle(envelope); });
}

void ShardNode::handle(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<txn::Request>()) {
    return coordinator_.on_request(source, *request);
  }
  if (!source.is_node()) return;
  if (const auto* stamp = message.as<StampRequest>()) {
    if (is_oracle()) oracle_.on_request(source, *stamp);
  } else if (const auto* stamped = message.as<Stamp>()) {
    coordinator_.on_stamp(*stamped);
  } else if (const auto* fetch = message.as<Fetch>()) {
    participant_.on_fetch(source, *fetch);
  } else if (const auto* fetched = message.as<Fetched>()) {
    coordinator_.on_fetched(*fetched);
  } else if (const auto* prepare = message.as<Prepare>()) {
    participant_.on_prepare(source, *prepare);
  } else if (const auto* vote = message.as<Vote>()) {
    coordinator_.on_vote(source, *vote);
  } else if (const auto* decide = message.as<Decide>()) {
    participant_.on_decide(*decide);
  } else if (const auto* inquire = message.as<Inquire>()) {
    coordinator_.on_inquire(source, *inquire);
  }
}

NodeStatus ShardNode::status() const {
  return {.role = is_oracle() ? "oracle" : "shard", .term = boot_, .ready = true};
}

}  // namespace sunder::two_phase
