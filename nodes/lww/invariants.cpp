#include "nodes/lww/invariants.h"

#include <algorithm>

namespace sunder::lww {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

std::string text(const Stamp& stamp) {
  return "stamp " + std::to_string(stamp.time) + "/" + std::to_string(stamp.count) + " of n" +
         std::to_string(stamp.node + 1);
}

std::string of_key(std::int64_t key) { return " of key " + std::to_string(key); }

constexpr std::int64_t nodes_max = 64;

}  // namespace

LwwInvariants::Replica& LwwInvariants::replica(std::int64_t node) {
  return replicas_[std::clamp<std::int64_t>(node, 0, nodes_max - 1)];
}

std::optional<BrokenInvariant> LwwInvariants::observe(NodeId node, Instant, const Event& event) {
  if (event.kind == "stored") return on_stored(node, event, false);
  if (event.kind == "held") return on_stored(node, event, true);
  if (event.kind == "write") return on_write(node, event);
  if (event.kind == "recovered") return on_recovered(node);
  if (event.kind == "boot") {
    Replica& own = replica(node.index);
    own.hybrid = number(event, "hybrid") != 0;
    own.held.clear();
  }
  return {};
}

BrokenInvariant LwwInvariants::about(std::string sentence, const Stamp& stamp,
                                     std::string fate) const {
  BrokenInvariant broken{std::move(sentence)};
  auto found = writes_.find(stamp);
  if (found != writes_.end() && found->second.op >= 0) {
    broken.ops.push_back({found->second.op, std::move(fate)});
  }
  return broken;
}

LwwInvariants::Broken LwwInvariants::on_stored(NodeId node, const Event& event, bool recovered) {
  std::int64_t key = number(event, "key");
  Stamp stamp{number(event, "clock"), number(event, "count"), number(event, "origin")};
  Replica& own = replica(node.index);
  auto [held, fresh] = own.held.try_emplace(key, stamp);
  Stamp before = held->second;
  held->second = stamp;
  if (stamp.node != node.index && !recovered) {
    Stamp& told = replica(stamp.node).told[key];
    told = std::max(told, stamp);
  }
  Written written{key, number(event, "value"), -1};
  auto [at, first] = writes_.try_emplace(stamp, written);
  at->second.survived |= recovered || stamp.node != node.index;
  if (!first && (at->second.key != written.key || at->second.value != written.value)) {
    return about("unique stamps: " + to_string(node) + " holds " + std::to_string(written.value) +
                     of_key(key) + " under " + text(stamp) + ", which belongs to " +
                     std::to_string(at->second.value) + of_key(at->second.key),
                 stamp, "another write has its stamp");
  }
  if (fresh || before <= stamp) return {};
  return about("highest stamp: " + to_string(node) + " replaced " + text(before) + of_key(key) +
                   " by the older " + text(stamp),
               before, "replaced by an older one");
}

LwwInvariants::Broken LwwInvariants::on_write(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  Stamp stamp{number(event, "clock"), number(event, "count"), node.index};
  Replica& own = replica(node.index);
  if (auto found = writes_.find(stamp); found != writes_.end()) {
    found->second.op = number(event, "op");
  }
  auto held = own.held.find(key);
  if (held == own.held.end() || held->second < stamp) {
    BrokenInvariant broken{"acknowledged writes: " + to_string(node) + " acknowledges " +
                           text(stamp) + of_key(key) + ", and holds neither it nor a newer one"};
    broken.ops.push_back({number(event, "op"), "acknowledged and dropped"});
    return broken;
  }
  if (!own.hybrid || held->second == stamp) return {};
  BrokenInvariant broken{"causal times: " + to_string(node) + " gave a write" + of_key(key) + " " +
                         text(stamp) + ", below " + text(held->second) +
                         " which it was to replace"};
  broken.ops.push_back({number(event, "op"), "older than what it was to replace"});
  return broken;
}

// That another replica holds a write proves that its origin had made it durable. What was lost with
// nobody having heard of it never was: its stamp is free again.
LwwInvariants::Broken LwwInvariants::on_recovered(NodeId node) {
  Replica& own = replica(node.index);
  std::erase_if(writes_, [&](const auto& entry) {
    return entry.first.node == node.index && !entry.second.survived;
  });
  for (const auto& [key, told] : own.told) {
    auto held = own.held.find(key);
    if (held != own.held.end() && told <= held->second) continue;
    return about("durability: " + to_string(node) + " came back without " + text(told) +
                     of_key(key) + ", which others hold, and without a newer one",
                 told, "forgotten by the node that accepted it");
  }
  return {};
}

}  // namespace sunder::lww
