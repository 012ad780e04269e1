#include "nodes/register/replica/invariants.h"

#include <algorithm>

namespace sunder::registers {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

clock::VectorClock needs_of(const Event& event) {
  return clock::parse_vector_clock(event.text).value_or(clock::VectorClock{});
}

std::string name_of(std::int64_t index) { return "n" + std::to_string(index + 1); }

std::string text(const std::pair<std::int64_t, std::int64_t>& name) {
  return "write " + std::to_string(name.second) + " of " + name_of(name.first);
}

constexpr std::int64_t nodes_max = 64;
bool plausible(std::int64_t origin) { return origin >= 0 && origin < nodes_max; }

}  // namespace

ReplicaInvariants::Replica& ReplicaInvariants::replica(NodeId node) {
  return replicas_[std::clamp(node.index, 0, static_cast<std::int32_t>(nodes_max) - 1)];
}

std::optional<BrokenInvariant> ReplicaInvariants::observe(NodeId node, Instant,
                                                          const Event& event) {
  if (event.kind == "apply") return on_apply(node, event);
  if (event.kind == "write") return on_write(node, event);
  if (event.kind == "read") return on_read(node, event);
  if (event.kind == "rules") return on_rules(node, event);
  if (event.kind == "has") return on_has(node, event);
  if (event.kind == "kept") {
    replica(node).beyond.insert({number(event, "origin"), number(event, "sequence")});
  }
  if (event.kind == "shown") return on_shown(node, event);
  return {};
}

BrokenInvariant ReplicaInvariants::about(std::string sentence, const Name& name,
                                         std::string fate) const {
  BrokenInvariant broken{std::move(sentence)};
  auto found = writes_.find(name);
  if (found != writes_.end() && found->second.op >= 0) {
    broken.ops.push_back({found->second.op, std::move(fate)});
  }
  return broken;
}

clock::LamportStamp ReplicaInvariants::stamp(const Name& name) const {
  auto found = writes_.find(name);
  return {found == writes_.end() ? 0 : found->second.time, name.first};
}

ReplicaInvariants::Broken ReplicaInvariants::on_rules(NodeId node, const Event& event) {
  Replica& own = replica(node);
  auto order = std::move(own.order);
  own = {.in_order = number(event, "in_order") != 0,
         .hold_back = number(event, "hold_back") != 0,
         .gated = number(event, "gated") != 0,
         .arrival_wins = number(event, "arrival_wins") != 0,
         .order = std::move(order)};
  return {};
}

// That another node applied a write proves that its origin had made it durable.
ReplicaInvariants::Broken ReplicaInvariants::on_has(NodeId node, const Event& event) {
  std::int64_t origin = number(event, "origin");
  std::int64_t count = number(event, "count");
  if (!plausible(origin)) return {};
  replica(node).counts.raise(static_cast<std::size_t>(origin), count);
  auto told = told_.find(origin);
  if (origin != node.index || told == told_.end() || told->second <= count) return {};
  return about("durability: " + to_string(node) + " came back with " + std::to_string(count) +
                   " of its own writes, but others have its write " + std::to_string(told->second),
               {origin, told->second}, "forgotten by the node that accepted it");
}

// After a restart a key shows what the writes that survived made of it before.
ReplicaInvariants::Broken ReplicaInvariants::on_shown(NodeId node, const Event& event) {
  Replica& own = replica(node);
  std::int64_t key = number(event, "key");
  Name name{number(event, "origin"), number(event, "sequence")};
  own.shown[key] = name;
  std::vector<Name>& order = own.order[key];
  std::erase_if(order, [&](const Name& one) {
    bool counted = one.second <= own.counts.at(static_cast<std::size_t>(one.first));
    return !counted && !own.beyond.contains(one);
  });
  if (order.empty()) return {};
  Name due = order.back();
  for (const Name& one : order) {
    if (!own.arrival_wins && stamp(due) < stamp(one)) due = one;
  }
  if (due == name) return {};
  return about("state after a restart: " + to_string(node) + " came back with " + text(name) +
                   " on key " + std::to_string(key) + " instead of " + text(due),
               due, "forgotten at " + to_string(node) + " by a restart");
}

ReplicaInvariants::Broken ReplicaInvariants::on_write(NodeId node, const Event& event) {
  Name name{node.index, number(event, "sequence")};
  Known known{.time = number(event, "clock"),
              .key = number(event, "key"),
              .value = number(event, "value"),
              .op = number(event, "op"),
              .needs = needs_of(event)};
  auto [at, fresh] = writes_.try_emplace(name, known);
  if (!fresh) {
    // Unless the first was never told of, in which case nobody can mix them up.
    auto told = told_.find(node.index);
    if (told != told_.end() && told->second >= name.second) {
      return about("unique names: " + to_string(node) + " accepts a second " + text(name), name,
                   "its name was given to another write");
    }
    at->second = known;
  }
  const Replica& own = replica(node);
  if (own.gated && !own.counts.covers(known.needs)) {
    return about("session context: " + to_string(node) + " accepted " + text(name) +
                     " before it had what the session has seen",
                 name, "accepted too early");
  }
  return times(node, name, known);
}

ReplicaInvariants::Broken ReplicaInvariants::times(NodeId node, const Name& name,
                                                   const Known& known) {
  for (std::size_t i = 0; i < known.needs.counts().size(); ++i) {
    Name need{static_cast<std::int64_t>(i), known.needs.at(i)};
    if (need.second == 0 || stamp(need) < stamp(name)) continue;
    return about("causal times: " + text(name) + " has a time that is not above that of " +
                     text(need) + ", which it depends on",
                 name, "it may lose to what it depends on");
  }
  const Replica& own = replica(node);
  auto shown = own.shown.find(known.key);
  bool loses = shown != own.shown.end() && !own.arrival_wins && stamp(name) < stamp(shown->second);
  if (!loses) return {};
  return about("causal times: " + text(name) + " has a time below that of " +
                   text(shown->second) + ", which it was to replace",
               name, "it loses to what it was to replace");
}

void ReplicaInvariants::note(Replica& own, const Name& name) {
  auto origin = static_cast<std::size_t>(name.first);
  own.beyond.insert(name);
  while (own.beyond.erase({name.first, own.counts.at(origin) + 1}) > 0) {
    own.counts.advance(origin);
  }
}

ReplicaInvariants::Broken ReplicaInvariants::on_apply(NodeId node, const Event& event) {
  Name name{number(event, "origin"), number(event, "sequence")};
  if (!plausible(name.first)) return {};
  auto found = writes_.find(name);
  if (found == writes_.end()) return {};  // part of the trace is missing
  const Known& known = found->second;
  Replica& own = replica(node);
  std::int64_t count = own.counts.at(static_cast<std::size_t>(name.first));
  bool again = name.second <= count || own.beyond.contains(name);
  bool ready = own.counts.covers(known.needs);
  note(own, name);
  if (!again) own.order[known.key].push_back(name);
  if (name.first != node.index) {
    std::int64_t& told = told_[name.first];
    told = std::max(told, name.second);
  }
  std::string who = to_string(node) + " applied " + text(name);
  if (known.key != number(event, "key") || known.value != number(event, "value")) {
    return about("unique names: " + who + " as another than it is", name,
                 "its name stands for two writes");
  }
  if (again) return about("once only: " + who + " twice", name, "applied twice");
  if (own.in_order && name.second != count + 1) {
    return about("order of a node: " + who + " after " + std::to_string(count), name,
                 "applied out of order");
  }
  if (own.hold_back && !ready) {
    return about("dependencies: " + who + " before what it depends on", name,
                 "applied at " + to_string(node) + " before what it depends on");
  }
  return right_one_shows(node, event, name, known);
}

ReplicaInvariants::Broken ReplicaInvariants::right_one_shows(NodeId node, const Event& event,
                                                             const Name& name, const Known& known) {
  Replica& own = replica(node);
  bool won = number(event, "won") != 0;
  auto [shown, fresh] = own.shown.try_emplace(known.key, name);
  Name before = shown->second;
  if (won) shown->second = name;
  bool should = fresh || own.arrival_wins || stamp(before) < stamp(name);
  if (won == should) return {};
  std::string rule = own.arrival_wins ? "arrival order: " : "highest stamp: ";
  return about(rule + to_string(node) + (won ? " replaced " : " kept ") + text(before) +
                   (won ? " by " : " in spite of ") + text(name) + " on key " +
                   std::to_string(known.key),
               won ? before : name,
               won ? "replaced by an older one" : "ignored though it is newer");
}

ReplicaInvariants::Broken ReplicaInvariants::on_read(NodeId node, const Event& event) {
  const Replica& own = replica(node);
  clock::VectorClock needs = needs_of(event);
  if (!own.gated || own.counts.covers(needs)) return {};
  BrokenInvariant broken{"session context: " + to_string(node) +
                         " answered a read before it had what the session has seen"};
  broken.ops.push_back({number(event, "op"), "answered too early"});
  return broken;
}

}  // namespace sunder::registers
