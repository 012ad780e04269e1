#include "nodes/chain/node.h"

namespace sunder::chain {

ChainNode::ChainNode(Runtime& runtime, const Config& config)
    : runtime_(runtime),
      config_(config),
      replica_(runtime, config),
      service_(runtime, config, [this](const Grant& grant) { replica_.on_grant(grant); }) {}

void ChainNode::on_start() {
  service_.on_start();
  replica_.on_start();
  beat_timer_ = runtime_.start_timer(config_.beat);
}

void ChainNode::on_timer(Timer timer) {
  if (timer == beat_timer_) {
    beat_timer_ = runtime_.start_timer(config_.beat);
    replica_.on_beat();
    renew();
  } else {
    service_.on_timer(timer);
  }
  if (replica_.epoch() != told_epoch_) renew();  // a new epoch waits for everyone to know it
}

void ChainNode::renew() {
  told_epoch_ = replica_.epoch();
  service_.on_beat(replica_.renewal());
}

void ChainNode::on_message(const Envelope& envelope) {
  dispatch(envelope);
  if (replica_.epoch() != told_epoch_) renew();
}

void ChainNode::dispatch(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<KvRequest>()) return replica_.on_request(source, *request);
  if (!source.is_node() || source.index >= std::ssize(runtime_.peers())) return;
  if (const auto* forward = message.as<Forward>()) return replica_.on_forward(source, *forward);
  if (const auto* acked = message.as<Acked>()) return replica_.on_acked(source, *acked);
  if (const auto* query = message.as<Query>()) return replica_.on_query(source, *query);
  if (const auto* reply = message.as<QueryReply>()) return replica_.on_query_reply(*reply);
  if (const auto* install = message.as<Install>()) return replica_.on_install(source, *install);
  if (const auto* renew = message.as<Renew>()) return service_.on_renew(source, *renew);
  if (const auto* grant = message.as<Grant>()) return replica_.on_grant(*grant);
  service_.on_message(envelope);
}

}  // namespace sunder::chain
