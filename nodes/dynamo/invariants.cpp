#include "nodes/dynamo/invariants.h"

#include <algorithm>

namespace sunder::dynamo {
namespace {

constexpr std::int64_t nodes_max = 64;
constexpr std::size_t begun_max = 4096;  // rounds grow, so that the lowest has long ended

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

Stamp stamp_of(const Event& event) {
  return {number(event, "number"), number(event, "coordinator"), number(event, "boot")};
}

std::string text(const Stamp& stamp) {
  return "version " + std::to_string(stamp.number) + " of boot " + std::to_string(stamp.boot) +
         " of n" + std::to_string(stamp.node + 1);
}

std::string of_key(std::int64_t key) { return " of key " + std::to_string(key); }
std::string name_of(std::int64_t index) { return "n" + std::to_string(index + 1); }

template <class Map, class Key>
Stamp found(const Map& stamps, const Key& key) {
  auto at = stamps.find(key);
  return at == stamps.end() ? Stamp{} : at->second;
}

}  // namespace

DynamoInvariants::Replica& DynamoInvariants::replica(std::int64_t node) {
  return replicas_[std::clamp<std::int64_t>(node, 0, nodes_max - 1)];
}

BrokenInvariant DynamoInvariants::about(std::string sentence, std::int64_t key, const Stamp& stamp,
                                        std::string fate) const {
  BrokenInvariant broken{std::move(sentence)};
  auto op = writers_.find({key, stamp});
  if (op != writers_.end() && op->second >= 0) broken.ops.push_back({op->second, std::move(fate)});
  return broken;
}

std::optional<BrokenInvariant> DynamoInvariants::observe(NodeId node, Instant, const Event& event) {
  Replica& own = replica(node.index);
  if (event.kind == "stored" || event.kind == "held") return on_held(node, event, own);
  if (event.kind == "hinted" || event.kind == "hint-held") {
    own.hints[{number(event, "owner"), number(event, "key")}] = stamp_of(event);
    return {};
  }
  if (event.kind == "begin") {
    own.begun[number(event, "round")] = {number(event, "op"), newest_[number(event, "key")]};
    if (own.begun.size() > begun_max) own.begun.erase(own.begun.begin());
    return {};
  }
  if (event.kind == "confirmed") {
    Stamp& newest = replica(number(event, "by")).confirmed[number(event, "key")];
    newest = std::max(newest, stamp_of(event));
    return {};
  }
  if (event.kind == "repair") {
    own.repaired.emplace(number(event, "round"), number(event, "peer"));
    return {};
  }
  if (event.kind == "closed") own.repaired.clear();
  if (event.kind == "boot") on_boot(event, own);
  if (event.kind == "recovered") return on_recovered(node, own);
  if (event.kind == "hint-confirmed") return on_hint_confirmed(event);
  if (event.kind == "dropped") return on_dropped(node, event, own);
  if (event.kind == "missed") return on_missed(node, event);
  if (event.kind == "stale") return on_stale(node, event, own);
  if (event.kind == "handoff") return on_handoff(node, event, own);
  if (event.kind == "tree") return on_tree(node, event, own);
  if (event.kind == "wrote") return on_wrote(node, event, own);
  if (event.kind == "read") return on_read(node, event, own);
  return {};
}

void DynamoInvariants::on_boot(const Event& event, Replica& own) {
  auto within = [&](std::string_view name) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(number(event, name), 1, nodes_max));
  };
  if (!ring_) ring_.emplace(within("nodes"), within("replicas"));
  writes_ = number(event, "writes");
  sloppy_ = number(event, "sloppy") != 0;
  promise_ = number(event, "promise");
  Replica fresh;
  fresh.confirmed = std::move(own.confirmed);
  fresh.promised = std::move(own.promised);
  fresh.trees.resize(ring_->nodes());
  own = std::move(fresh);
}

DynamoInvariants::Broken DynamoInvariants::on_held(NodeId node, const Event& event, Replica& own) {
  std::int64_t key = number(event, "key");
  std::int64_t value = number(event, "value");
  Stamp stamp = stamp_of(event);
  Stamp before = found(own.held, key);
  own.held[key] = stamp;
  if (ring_) {
    for (std::size_t peer : ring_->preference(key)) {
      if (peer < own.trees.size()) own.trees[peer].replace(key, before, stamp);
    }
  }
  auto [at, fresh] = values_.try_emplace({key, stamp}, value);
  if (!fresh && at->second != value) {
    return about("unique timestamps: " + to_string(node) + " holds " + std::to_string(value) +
                     of_key(key) + " under " + text(stamp) + ", which belongs to " +
                     std::to_string(at->second),
                 key, stamp, "its timestamp belongs to two values");
  }
  if (before <= stamp) return {};
  return about("monotonic replicas: " + to_string(node) + " replaced " + text(before) +
                   of_key(key) + " by the older " + text(stamp),
               key, before, "replaced by an older write on " + to_string(node));
}

// A confirmed version or a newer one survives a restart, and so does a confirmed hint.
DynamoInvariants::Broken DynamoInvariants::on_recovered(NodeId node, Replica& own) {
  for (const auto& [key, confirmed] : own.confirmed) {
    if (confirmed <= found(own.held, key)) continue;
    return about("durability: " + to_string(node) + " came back without " + text(confirmed) +
                     of_key(key) + ", which it had confirmed, and without a newer one",
                 key, confirmed, "forgotten by " + to_string(node));
  }
  for (const auto& [place, promised] : own.promised) {
    if (promised <= found(own.hints, place)) continue;
    return about("durable hints: " + to_string(node) + " came back without its hint of " +
                     text(promised) + of_key(place.second) + " for " + name_of(place.first) +
                     ", which it had confirmed",
                 place.second, promised, "its hint was forgotten by " + to_string(node));
  }
  return {};
}

// The sender does not say for whom the hint is, but no two hints of a key on one node are equal.
DynamoInvariants::Broken DynamoInvariants::on_hint_confirmed(const Event& event) {
  std::int64_t key = number(event, "key");
  Stamp stamp = stamp_of(event);
  Replica& by = replica(number(event, "by"));
  for (const auto& [place, held] : by.hints) {
    if (place.second == key && held == stamp) by.promised[place] = stamp;
  }
  return {};
}

DynamoInvariants::Broken DynamoInvariants::on_dropped(NodeId node, const Event& event,
                                                      Replica& own) {
  std::int64_t owner = number(event, "owner");
  std::int64_t key = number(event, "key");
  Stamp stamp = stamp_of(event);
  own.hints.erase({owner, key});
  own.promised.erase({owner, key});
  if (stamp <= found(replica(owner).held, key)) return {};
  return about("hinted handoff: " + to_string(node) + " dropped its hint of " + text(stamp) +
                   of_key(key) + " for " + name_of(owner) +
                   ", which holds neither it nor a newer one",
               key, stamp, "its hint was dropped before it was delivered");
}

DynamoInvariants::Broken DynamoInvariants::on_missed(NodeId node, const Event& event) {
  std::int64_t owner = number(event, "peer");
  std::int64_t key = number(event, "key");
  Stamp stamp = stamp_of(event);
  if (stamp <= found(replica(owner).held, key)) return {};
  for (const auto& [holder, each] : replicas_) {
    if (stamp <= found(each.hints, std::pair{owner, key})) return {};
  }
  return about("hints for all: " + to_string(node) + " ended the write of " + text(stamp) +
                   of_key(key) + ", which " + name_of(owner) + " has not confirmed, without a hint",
               key, stamp, "neither on " + name_of(owner) + " nor hinted");
}

DynamoInvariants::Broken DynamoInvariants::on_stale(NodeId node, const Event& event, Replica& own) {
  std::int64_t round = number(event, "round");
  std::int64_t stale = number(event, "peer");
  if (own.repaired.contains({round, stale})) return {};
  BrokenInvariant broken{"read repair: " + to_string(node) + " found " + name_of(stale) +
                         " stale and did not repair it"};
  auto begun = own.begun.find(round);
  if (begun != own.begun.end()) broken.ops.push_back({begun->second.op, "it found the difference"});
  return broken;
}

DynamoInvariants::Broken DynamoInvariants::on_handoff(NodeId node, const Event& event,
                                                      Replica& own) {
  std::pair place{number(event, "owner"), number(event, "key")};
  std::int64_t pass = number(event, "pass");
  if (pass != own.pass) own.passed.clear();
  own.pass = pass;
  if (own.passed.insert(place).second) return {};
  return about("one try in a pass: " + to_string(node) + " sent its hint" + of_key(place.second) +
                   " for " + name_of(place.first) + " twice in one pass",
               place.second, found(own.hints, place), "its hint is sent again and again");
}

DynamoInvariants::Broken DynamoInvariants::on_tree(NodeId node, const Event& event, Replica& own) {
  auto peer = static_cast<std::size_t>(number(event, "peer"));
  if (peer >= own.trees.size() || own.trees[peer].root() == number(event, "root")) return {};
  return BrokenInvariant{"true trees: the hash tree that " + to_string(node) + " compares with " +
                         name_of(number(event, "peer")) + " is not one of what it holds"};
}

std::size_t DynamoInvariants::copies(std::int64_t key, const Stamp& stamp) const {
  std::size_t count = 0;
  for (const auto& [index, each] : replicas_) {
    bool holds = stamp <= found(each.held, key) && ring_ &&
                 ring_->is_replica(static_cast<std::size_t>(index), key);
    if (!holds && sloppy_) {
      holds = std::any_of(each.hints.begin(), each.hints.end(), [&](const auto& hint) {
        return hint.first.second == key && stamp <= hint.second;
      });
    }
    if (holds) ++count;
  }
  return count;
}

// Nothing when part of the trace is missing.
std::optional<DynamoInvariants::Begun> DynamoInvariants::begun(const Replica& own,
                                                               const Event& event) {
  auto at = own.begun.find(number(event, "round"));
  return at == own.begun.end() ? std::nullopt : std::optional(at->second);
}

DynamoInvariants::Broken DynamoInvariants::on_wrote(NodeId node, const Event& event, Replica& own) {
  std::optional<Begun> begun = this->begun(own, event);
  if (!begun || !ring_) return {};
  std::int64_t key = number(event, "key");
  Stamp stamp = stamp_of(event);
  writers_[{key, stamp}] = begun->op;
  if (newest_[key].stamp < stamp) newest_[key] = {stamp, begun->op};
  auto needed = std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(writes_, 1)),
                                      ring_->replicas());
  if (std::size_t copies = this->copies(key, stamp); copies < needed) {
    return about("acknowledged writes: " + to_string(node) + " acknowledged " + text(stamp) +
                     of_key(key) + ", which or newer ones " + std::to_string(copies) +
                     (sloppy_ ? " nodes hold, not " : " replicas hold, not ") +
                     std::to_string(needed),
                 key, stamp, "acknowledged on " + std::to_string(copies) + " of them");
  }
  if (promise_ == 0 || begun->floor.stamp < stamp) return {};
  BrokenInvariant broken{"real-time order: " + to_string(node) + " finished a write" + of_key(key) +
                         " as " + text(stamp) + ", and one that had ended before it began is " +
                         text(begun->floor.stamp)};
  broken.ops.push_back({begun->op, "it is " + text(stamp)});
  broken.ops.push_back({begun->floor.op, "it is " + text(begun->floor.stamp)});
  return broken;
}

DynamoInvariants::Broken DynamoInvariants::on_read(NodeId node, const Event& event, Replica& own) {
  std::optional<Begun> begun = this->begun(own, event);
  if (!begun || promise_ == 0) return {};
  std::int64_t key = number(event, "key");
  Stamp stamp = stamp_of(event);
  if (promise_ == 2 && newest_[key].stamp < stamp) newest_[key] = {stamp, begun->op};
  if (begun->floor.stamp <= stamp) return {};
  BrokenInvariant broken{"real-time order: " + to_string(node) + " read " + text(stamp) +
                         of_key(key) + ", and " + text(begun->floor.stamp) +
                         " had ended before it began"};
  broken.ops.push_back({begun->op, "it returned " + text(stamp)});
  broken.ops.push_back({begun->floor.op, "it is or returned " + text(begun->floor.stamp)});
  return broken;
}

}  // namespace sunder::dynamo
