#include "nodes/lattice/invariants.h"

#include <algorithm>

namespace sunder::lattice {
namespace {

constexpr std::int64_t nodes_max = 64;

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

clock::VectorClock context_of(const Event& event) {
  return clock::parse_vector_clock(event.text).value_or(clock::VectorClock{});
}

std::string update_text(std::int64_t node, std::int64_t count, std::int64_t key) {
  return "update " + std::to_string(count) + " of n" + std::to_string(node + 1) + " to key " +
         std::to_string(key);
}

}  // namespace

ObjectInvariants::Replica& ObjectInvariants::replica(std::int64_t node) {
  return replicas_[std::clamp<std::int64_t>(node, 0, nodes_max - 1)];
}

std::optional<BrokenInvariant> ObjectInvariants::observe(NodeId node, Instant,
                                                         const Event& event) {
  if (event.kind == "update") return on_update(node, event);
  if (event.kind == "joined" || event.kind == "held") return on_context(node, event);
  if (event.kind == "boot") replica(node.index).contexts.clear();
  if (event.kind == "recovered") return on_recovered(node);
  return {};
}

ObjectInvariants::Broken ObjectInvariants::on_update(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  std::int64_t count = number(event, "count");
  std::int64_t op = number(event, "op");
  auto [at, fresh] = ops_.try_emplace({key, node.index, count}, op);
  if (fresh || at->second == op) return on_context(node, event);
  BrokenInvariant broken{"one name, one update: " + to_string(node) + " made " +
                         update_text(node.index, count, key) + " twice"};
  broken.ops.push_back({at->second, "it has the name that a later update was given too"});
  broken.ops.push_back({op, "it was given the name of an earlier update"});
  return broken;
}

ObjectInvariants::Broken ObjectInvariants::on_context(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  clock::VectorClock context = context_of(event);
  clock::VectorClock& held = replica(node.index).contexts[key];
  if (!context.covers(held)) {
    return BrokenInvariant{"objects only grow: " + to_string(node) + " had " + to_string(held) +
                           " of key " + std::to_string(key) + ", and then " +
                           to_string(context)};
  }
  held = context;
  learn(node, key, context);
  return same_state(node, event);
}

// That another node has an update proves that its origin had made it durable.
void ObjectInvariants::learn(NodeId node, std::int64_t key, const clock::VectorClock& context) {
  for (std::size_t i = 0; i < context.counts().size(); ++i) {
    if (static_cast<std::int64_t>(i) == node.index || context.at(i) == 0) continue;
    std::int64_t& told = replica(static_cast<std::int64_t>(i)).told[key];
    told = std::max(told, context.at(i));
  }
}

ObjectInvariants::Broken ObjectInvariants::same_state(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  std::int64_t state = number(event, "state");
  auto [at, fresh] = states_.try_emplace({key, event.text}, Known{state, node});
  if (fresh || at->second.state == state) return {};
  BrokenInvariant broken{"equal updates, equal states: " + to_string(at->second.node) + " and " +
                         to_string(node) + " have the same updates of key " +
                         std::to_string(key) + ", " + event.text + ", and different states"};
  clock::VectorClock context = context_of(event);
  for (std::size_t i = 0; i < context.counts().size(); ++i) {
    auto found = ops_.find({key, static_cast<std::int64_t>(i), context.at(i)});
    if (found == ops_.end() || found->second < 0) continue;
    broken.ops.push_back({found->second, "it is among these updates, the last of n" +
                                             std::to_string(i + 1)});
  }
  return broken;
}

// What a crash took away before anybody was told of it never was: its name is free again.
void ObjectInvariants::forget_beyond(NodeId node) {
  Replica& own = replica(node.index);
  auto at = static_cast<std::size_t>(node.index);
  std::erase_if(ops_, [&](const auto& one) {
    const auto& [key, maker, count] = one.first;
    return maker == node.index && count > own.contexts[key].at(at);
  });
  std::erase_if(states_, [&](const auto& one) {
    const auto& [key, context] = one.first;
    std::optional<clock::VectorClock> updates = clock::parse_vector_clock(context);
    return updates && updates->at(at) > own.contexts[key].at(at);
  });
}

ObjectInvariants::Broken ObjectInvariants::on_recovered(NodeId node) {
  Replica& own = replica(node.index);
  for (const auto& [key, told] : own.told) {
    std::int64_t held = own.contexts[key].at(static_cast<std::size_t>(node.index));
    if (told <= held) continue;
    return about("durability: " + to_string(node) + " came back without " +
                     update_text(node.index, held + 1, key) + ", which others have",
                 {key, node.index, held + 1}, "forgotten by the node that made it");
  }
  forget_beyond(node);
  return {};
}

BrokenInvariant ObjectInvariants::about(std::string sentence, const Name& name,
                                        std::string fate) const {
  BrokenInvariant broken{std::move(sentence)};
  auto found = ops_.find(name);
  if (found != ops_.end() && found->second >= 0) {
    broken.ops.push_back({found->second, std::move(fate)});
  }
  return broken;
}

}  // namespace sunder::lattice
