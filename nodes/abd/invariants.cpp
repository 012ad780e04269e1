#include "nodes/abd/invariants.h"

#include <algorithm>

namespace sunder::abd {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

Tag tag_of(const Event& event) {
  return {number(event, "number"), number(event, "coordinator"), number(event, "boot")};
}

std::string text(const Tag& tag) {
  return "tag " + std::to_string(tag.number) + " of boot " + std::to_string(tag.boot) + " of n" +
         std::to_string(tag.node + 1);
}

std::string name(NodeId node) { return to_string(node); }

constexpr std::size_t nodes_max = 64;

}  // namespace

AbdInvariants::Replica& AbdInvariants::replica(std::int64_t node) {
  return replicas_[std::clamp<std::int64_t>(node, 0, nodes_max - 1)];
}

std::optional<BrokenInvariant> AbdInvariants::observe(NodeId node, Instant, const Event& event) {
  if (event.kind == "stored") return on_stored(node, event, false);
  if (event.kind == "held") return on_stored(node, event, true);
  if (event.kind == "confirmed") return on_confirmed(event);
  if (event.kind == "wrote") return on_finished(node, event, true);
  if (event.kind == "read") return on_finished(node, event, false);
  if (event.kind == "begin") {
    replica(node.index).begun[number(event, "round")] = {number(event, "op"),
                                                         newest_[number(event, "key")]};
  }
  if (event.kind == "boot") {
    replica(node.index).tags.clear();
    replica(node.index).begun.clear();
  }
  return {};
}

AbdInvariants::Broken AbdInvariants::one_value(NodeId node, std::int64_t key, const Tag& tag,
                                               std::int64_t value) {
  auto [at, fresh] = values_.try_emplace({key, tag}, value);
  if (fresh || at->second == value) return {};
  return BrokenInvariant{"unique tags: " + name(node) + " holds " + std::to_string(value) +
                         " of key " + std::to_string(key) + " under " + text(tag) +
                         ", which belongs to " + std::to_string(at->second)};
}

AbdInvariants::Broken AbdInvariants::on_stored(NodeId node, const Event& event, bool recovered) {
  std::int64_t key = number(event, "key");
  Tag tag = tag_of(event);
  Replica& own = replica(node.index);
  Tag before = own.tags[key];
  own.tags[key] = tag;
  if (Broken broken = one_value(node, key, tag, number(event, "value"))) return broken;
  if (tag < before) {
    return BrokenInvariant{"monotonic replicas: " + name(node) + " replaced " + text(before) +
                           " of key " + std::to_string(key) + " by the older " + text(tag)};
  }
  auto confirmed = own.confirmed.find(key);
  if (!recovered || confirmed == own.confirmed.end() || confirmed->second <= tag) return {};
  return BrokenInvariant{"durability: " + name(node) + " came back with " + text(tag) +
                         " of key " + std::to_string(key) + ", after it had confirmed " +
                         text(confirmed->second)};
}

AbdInvariants::Broken AbdInvariants::on_confirmed(const Event& event) {
  Replica& by = replica(number(event, "by"));
  Tag& newest = by.confirmed[number(event, "key")];
  newest = std::max(newest, tag_of(event));
  return {};
}

AbdInvariants::Broken AbdInvariants::on_finished(NodeId node, const Event& event, bool write) {
  std::int64_t key = number(event, "key");
  Tag tag = tag_of(event);
  auto& begun = replica(node.index).begun;
  auto found = begun.find(number(event, "round"));
  if (found == begun.end()) return {};  // part of the trace is missing
  std::int64_t op = found->second.op;
  Done before = found->second.floor;
  begun.erase(found);
  if (newest_[key].tag < tag) newest_[key] = {tag, op};
  if (write ? before.tag < tag : before.tag <= tag) return {};
  BrokenInvariant broken{"real-time order: " + name(node) + " finished a " +
                         (write ? "write" : "read") + " of key " + std::to_string(key) + " at " +
                         text(tag) + ", and one that had ended before it began has " +
                         text(before.tag)};
  broken.ops.push_back({op, "it has " + text(tag)});
  broken.ops.push_back({before.op, "it has " + text(before.tag)});
  return broken;
}

}  // namespace sunder::abd
