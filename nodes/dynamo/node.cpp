#include "nodes/dynamo/node.h"

#include "nodes/register/key_store.h"

namespace sunder::dynamo {
namespace {

constexpr Duration heartbeat = std::chrono::milliseconds(100);
constexpr Duration exchange = std::chrono::milliseconds(200);

}  // namespace

DynamoNode::DynamoNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      ring_(runtime.peers().size(), config_.replicas),
      liveness_(runtime, heartbeat, config_.phi_milli),
      holdings_(runtime, ring_, config_.flaws),
      coordinator_(runtime, config_, ring_, holdings_, liveness_) {}

void DynamoNode::on_start() {
  boot_ = registers::count_boot(runtime_.storage());
  runtime_.storage().sync();
  std::int64_t promise = !config_.quorums_meet() ? 0 : config_.blocking_repair ? 2 : 1;
  runtime_.trace({.kind = "boot",
                  .numbers = {{{"nodes", static_cast<std::int64_t>(ring_.nodes())},
                               {"replicas", static_cast<std::int64_t>(ring_.replicas())},
                               {"writes", static_cast<std::int64_t>(config_.writes)},
                               {"sloppy", config_.sloppy},
                               {"promise", promise}}}});
  holdings_.recover();
  runtime_.trace({.kind = "recovered"});
  coordinator_.start(boot_);
  tick_timer_ = runtime_.start_timer(config_.retransmit);
  exchange_timer_ = runtime_.start_timer(exchange);
  beat();
}

void DynamoNode::on_message(const Envelope& envelope) {
  NodeId source = envelope.source;
  if (const auto* request = envelope.message.as<registers::Request>()) {
    return coordinator_.on_request(source, *request);
  }
  if (!source.is_node() || source.index >= std::ssize(runtime_.peers())) return;
  on_peer_message(source, envelope.message);
}

void DynamoNode::on_peer_message(NodeId source, const Message& message) {
  if (message.as<Heartbeat>() != nullptr) {
    liveness_.heard(index_of(source));
  } else if (const auto* query = message.as<Query>()) {
    const Version& held =
        config_.sloppy ? holdings_.newest(query->key) : holdings_.version(query->key);
    runtime_.send(source, Message(QueryReply{query->round, held}));
  } else if (const auto* store = message.as<Store>()) {
    on_store(source, *store);
  } else if (const auto* queried = message.as<QueryReply>()) {
    coordinator_.on_query_reply(index_of(source), *queried);
  } else if (const auto* stored = message.as<StoreReply>()) {
    coordinator_.on_store_reply(index_of(source), *stored);
  } else if (const auto* handoff = message.as<Handoff>()) {
    on_handoff(source, *handoff);
  } else if (const auto* handed = message.as<HandoffReply>()) {
    failed_.erase({index_of(source), handed->key});
    holdings_.drop_hint(index_of(source), handed->key, handed->stamp);
  } else if (const auto* tree = message.as<Tree>()) {
    on_tree(source, *tree);
  } else if (const auto* leaves = message.as<Leaves>()) {
    on_leaves(source, *leaves);
  } else if (const auto* entries = message.as<Entries>()) {
    on_entries(*entries);
  }
}

void DynamoNode::on_timer(Timer timer) {
  if (timer == tick_timer_) {
    tick_timer_ = runtime_.start_timer(config_.retransmit);
    coordinator_.tick();
  } else if (timer == exchange_timer_) {
    exchange_timer_ = runtime_.start_timer(exchange);
    hand_off_hints();
    compare_trees();
  } else if (timer == beat_timer_) {
    beat();
  }
}

void DynamoNode::beat() {
  beat_timer_ = runtime_.start_timer(heartbeat);
  for (NodeId peer : runtime_.peers()) {
    if (peer != runtime_.self()) runtime_.send(peer, Message(Heartbeat{boot_}));
  }
}

void DynamoNode::on_store(NodeId source, const Store& store) {
  if (store.owner < 0 || store.owner >= std::ssize(runtime_.peers())) return;
  if (store.owner == runtime_.self().index) {
    holdings_.adopt(store.key, store.version);
  } else {
    holdings_.keep_hint(static_cast<std::size_t>(store.owner), store.key, store.version);
  }
  barrier();
  if (store.round != 0) runtime_.send(source, Message(StoreReply{store.round, store.owner}));
}

void DynamoNode::barrier() {
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

}  // namespace sunder::dynamo
