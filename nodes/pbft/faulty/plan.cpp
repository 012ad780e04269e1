#include "nodes/pbft/faulty/plan.h"

#include <algorithm>

#include "harness/core/digest.h"

namespace sunder::pbft {

bool Plan::is_faulty(NodeId node) const {
  return is_among(config_, std::max(config_.liars, config_.twins), node, nodes_);
}

// Every second correct replica.
int Plan::story_for(NodeId node) const {
  if (is_faulty(node)) return 0;
  int place = 0;
  for (std::int32_t i = 0; i < node.index; ++i) place += is_faulty(NodeId::node(i)) ? 0 : 1;
  return place % 2;
}

Lie Plan::lie_at(std::int64_t view, std::int64_t sequence) const {
  if (config_.lie != Lie::mixed) return config_.lie;
  constexpr std::int64_t numbers_a_lie = 16;
  Digest draw;
  draw.add(static_cast<std::uint64_t>(view));
  draw.add(static_cast<std::uint64_t>(sequence / numbers_a_lie));
  return static_cast<Lie>(draw.value() % static_cast<std::uint64_t>(Lie::mixed));
}

Batch second_story(const Batch& batch) {
  Batch other = batch;
  if (!other.empty()) other.pop_back();
  return other;
}

Reply false_reply(Reply reply) {
  if (reply.value) {
    ++*reply.value;
  } else if (!reply.list.empty()) {
    reply.list.pop_back();
  } else {
    reply.code = static_cast<std::uint8_t>(
        reply.code == 0 ? KvCode::condition_failed : KvCode::ok);
  }
  return reply;
}

}  // namespace sunder::pbft
