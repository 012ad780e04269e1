#include "nodes/sequencer/invariants.h"

#include <algorithm>

namespace sunder::sequencer {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

}  // namespace

std::optional<BrokenInvariant> SequencerInvariants::observe(NodeId node, Instant,
                                                            const Event& event) {
  if (event.kind == "deliver") return on_deliver(node, event);
  if (event.kind == "submit") {
    ops_[{node.index, number(event, "number")}] = number(event, "op");
  }
  if (event.kind == "boot") return on_boot(node, event);
  if (event.kind == "counted") {
    std::int64_t& newest = counted_[number(event, "by")];
    newest = std::max(newest, number(event, "epoch"));
  }
  if (event.kind == "sequencer") {
    std::int64_t epoch = number(event, "epoch");
    auto [at, fresh] = sequencers_.try_emplace(epoch, node);
    if (!fresh) {
      return BrokenInvariant{"one opening of an epoch: " + to_string(node) + " opens epoch " +
                             std::to_string(epoch) + ", which " + to_string(at->second) +
                             " had opened"};
    }
  }
  return {};
}

SequencerInvariants::Broken SequencerInvariants::on_boot(NodeId node, const Event& event) {
  at_[node.index] = number(event, "delivered");
  auto counted = counted_.find(node.index);
  std::int64_t promised = number(event, "promised");
  if (counted == counted_.end() || counted->second <= promised) return {};
  return BrokenInvariant{"kept promises: " + to_string(node) +
                         " came back with a promise of epoch " + std::to_string(promised) +
                         ", after its promise of epoch " +
                         std::to_string(counted->second) + " had been counted"};
}

SequencerInvariants::Broken SequencerInvariants::on_deliver(NodeId node, const Event& event) {
  std::int64_t index = number(event, "index");
  std::int64_t before = at_[node.index];
  at_[node.index] = index;
  if (index != before + 1) {
    return BrokenInvariant{"no gaps: " + to_string(node) + " delivered entry " +
                           std::to_string(index) + " after " + std::to_string(before)};
  }
  Delivered now{number(event, "word"), number(event, "state"), node};
  auto [at, fresh] = delivered_.try_emplace(index, now);
  if (fresh || (at->second.word == now.word && at->second.state == now.state)) return {};
  bool other = at->second.word != now.word;
  BrokenInvariant broken{(other ? "total order: " : "equal states: ") + to_string(node) +
                         (other ? " delivered another entry " : " has another state after entry ") +
                         std::to_string(index) + " than " + to_string(at->second.node)};
  auto op = ops_.find({number(event, "origin"), number(event, "number")});
  if (op != ops_.end()) {
    broken.ops.push_back({op->second, "delivered by " + to_string(node) + " as entry " +
                                          std::to_string(index)});
  }
  return broken;
}

}  // namespace sunder::sequencer
