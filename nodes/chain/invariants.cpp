#include "nodes/chain/invariants.h"

#include <algorithm>

namespace sunder::chain {
namespace {

constexpr std::int64_t index_max = 1 << 22;        // a damaged trace may say anything
constexpr std::size_t hashes_max = 1024;           // kept of each replica
constexpr Duration overlap_max = std::chrono::milliseconds(10);  // of the clocks of traces

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name, std::int64_t otherwise = 0) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return otherwise;
}

std::string text(std::int64_t number) { return std::to_string(number); }

bool plausible(std::int64_t index) { return index >= 0 && index < index_max; }

}  // namespace

ChainInvariants::Replica& ChainInvariants::replica(NodeId node) { return replicas_[node]; }

std::optional<BrokenInvariant> ChainInvariants::observe(NodeId node, Instant time,
                                                        const Event& event) {
  if (!event.kind.starts_with("chain-")) return service_.observe(node, time, event);
  if (event.kind == "chain-append") {
    on_append(node, event);
    return {};
  }
  if (event.kind == "chain-commit") return on_commit(node, event);
  if (event.kind == "chain-read") return on_read(node, event);
  if (event.kind == "chain-lease") return on_lease(node, time, event);
  if (event.kind == "chain-acknowledged") return on_acknowledged(node, event);
  if (event.kind == "chain-synced") return on_synced(node, event);
  if (event.kind == "chain-epoch") return on_epoch(node, event);
  if (event.kind == "chain-boot") return on_boot(node, event);
  if (event.kind == "chain-install") on_install(node, event);
  return {};
}

void ChainInvariants::cite(BrokenInvariant& broken, std::int64_t hash,
                           const std::string& fate) const {
  auto found = ops_.find(hash);
  if (found != ops_.end()) broken.ops.push_back({found->second, fate});
}

ChainInvariants::Broken ChainInvariants::on_boot(NodeId node, const Event& event) {
  Replica& own = replica(node);
  std::int64_t epoch = number(event, "epoch");
  std::int64_t last = number(event, "last");
  std::int64_t before = own.epoch;
  own.epoch = epoch;
  own.leased = 0;
  own.last = last;
  own.hashes.clear();
  own.hashes[last] = number(event, "hash");
  if (Broken broken = one_chain(node, epoch, number(event, "members"))) return broken;
  if (last >= own.promised) return {};
  BrokenInvariant broken{"durability: " + to_string(node) + " came back in epoch " + text(epoch) +
                         " with " + text(last) + " writes, after " + text(own.promised) +
                         " had been acknowledged while it was in the chain of epoch " +
                         text(before)};
  if (newest_.index == own.promised) {
    broken.ops.push_back({newest_.op, "acknowledged, and gone from " + to_string(node)});
  }
  own.promised = last;
  return broken;
}

// What was promised is with those who go on; who leaves the chain may forget it.
ChainInvariants::Broken ChainInvariants::on_epoch(NodeId node, const Event& event) {
  std::int64_t epoch = number(event, "epoch");
  std::int64_t members = number(event, "members");
  Replica& own = replica(node);
  own.epoch = epoch;
  own.leased = 0;
  std::optional<Configuration> chain = unpacked(members);
  if (!chain || !chain->place_of(node)) own.promised = 0;
  return one_chain(node, epoch, members);
}

ChainInvariants::Broken ChainInvariants::one_chain(NodeId node, std::int64_t epoch,
                                                   std::int64_t members) {
  auto [at, fresh] = chains_.try_emplace(epoch, members);
  if (fresh || at->second == members) return {};
  return BrokenInvariant{"one chain: " + to_string(node) + " has another chain of epoch " +
                         text(epoch) + " than a node before it"};
}

ChainInvariants::Broken ChainInvariants::on_synced(NodeId node, const Event& event) {
  Replica& own = replica(node);
  own.synced = number(event, "epoch");
  if (newest_.epoch >= own.synced || number(event, "last") >= newest_.index) return {};
  BrokenInvariant broken{"state transfer: " + to_string(node) + " takes part in epoch " +
                         text(own.synced) + " with " + text(number(event, "last")) +
                         " writes, and " + text(newest_.index) +
                         " had been acknowledged in epoch " + text(newest_.epoch)};
  broken.ops.push_back({newest_.op, "acknowledged, and not on " + to_string(node)});
  return broken;
}

ChainInvariants::Broken ChainInvariants::on_lease(NodeId node, Instant time, const Event& event) {
  Replica& own = replica(node);
  own.leased = number(event, "epoch");
  const std::int64_t left_max = nanoseconds(std::chrono::hours(1));
  Duration left{std::clamp<std::int64_t>(number(event, "left"), 0, left_max)};
  own.lease_end = time + left;
  for (const auto& [other, held] : replicas_) {
    bool overlaps = held.leased != 0 && held.leased != own.leased &&
                    held.lease_end > time + overlap_max && left > overlap_max;
    if (!overlaps) continue;
    return BrokenInvariant{"lease safety: " + to_string(node) + " has a lease of epoch " +
                           text(own.leased) + " while " + to_string(other) + " has one of epoch " +
                           text(held.leased) + " for another " +
                           format_duration(held.lease_end - time)};
  }
  return {};
}

void ChainInvariants::on_append(NodeId node, const Event& event) {
  std::int64_t index = number(event, "index");
  if (!plausible(index)) return;
  Replica& own = replica(node);
  own.last = index;
  own.hashes[index] = number(event, "hash");
  if (own.hashes.size() > hashes_max) own.hashes.erase(own.hashes.begin());
  std::int64_t op = number(event, "op", -1);
  if (op >= 0) ops_.try_emplace(number(event, "hash"), op);
}

ChainInvariants::Broken ChainInvariants::on_commit(NodeId node, const Event& event) {
  std::int64_t index = number(event, "index");
  std::int64_t hash = number(event, "hash");
  std::int64_t state = number(event, "state");
  if (!plausible(index)) return {};
  if (committed_.size() <= static_cast<std::size_t>(index)) {
    committed_.resize(static_cast<std::size_t>(index) + 1);
  }
  Committed& first = committed_[static_cast<std::size_t>(index)];
  if (first.hash == 0) first = {.hash = hash, .state = state, .node = node};
  if (first.hash != hash) {
    BrokenInvariant broken{"committed prefixes: " + to_string(node) +
                           " committed another write at " + text(index) + " than " +
                           to_string(first.node)};
    cite(broken, hash, "committed there by " + to_string(node));
    cite(broken, first.hash, "committed there by " + to_string(first.node));
    return broken;
  }
  if (first.state != state) {
    BrokenInvariant broken{"equal states: " + to_string(node) + " and " + to_string(first.node) +
                           " differ after the same writes up to " + text(index)};
    cite(broken, hash, "the states differ after it");
    return broken;
  }
  if (first.counted || number(event, "ran") == 0) return {};
  first.counted = true;
  auto op = ops_.find(hash);
  if (op == ops_.end()) return {};
  auto [ran, fresh] = ran_.try_emplace(op->second, index);
  if (fresh || ran->second == index) return {};
  BrokenInvariant broken{"exactly once: " + to_string(node) + " carried out at " + text(index) +
                         " what had been carried out at " + text(ran->second)};
  broken.ops.push_back({op->second, "ran twice"});
  return broken;
}

ChainInvariants::Broken ChainInvariants::on_acknowledged(NodeId node, const Event& event) {
  Acknowledged now{number(event, "index"), number(event, "epoch"), number(event, "op", -1)};
  std::int64_t hash = number(event, "hash");
  if (now.index > newest_.index) newest_ = now;
  auto found = chains_.find(now.epoch);
  std::optional<Configuration> chain;
  if (found != chains_.end()) chain = unpacked(found->second);
  if (!chain) return {};
  for (NodeId member : chain->members) {
    Replica& held = replica(member);
    // Who has gone on was there when this was committed; who is not synced does not count.
    if (held.epoch != now.epoch || held.synced != now.epoch) continue;
    auto known = held.hashes.find(now.index);
    bool has = held.last >= now.index && (known == held.hashes.end() || known->second == hash);
    held.promised = std::max(held.promised, now.index);
    if (has) continue;
    BrokenInvariant broken{"update propagation: " + to_string(node) + " acknowledged write " +
                           text(now.index) + " in epoch " + text(now.epoch) + ", and " +
                           to_string(member) + ", a replica of that chain, does not hold it"};
    broken.ops.push_back({now.op, "acknowledged, and not on " + to_string(member)});
    return broken;
  }
  return {};
}

ChainInvariants::Broken ChainInvariants::on_read(NodeId node, const Event& event) {
  std::int64_t last = number(event, "last");
  if (last >= newest_.index) return {};
  BrokenInvariant broken{"reads: " + to_string(node) + " answered a read in epoch " +
                         text(number(event, "epoch")) + " holding " + text(last) +
                         " writes, and " + text(newest_.index) +
                         " were acknowledged in epoch " + text(newest_.epoch)};
  if (std::int64_t op = number(event, "op", -1); op >= 0) {
    broken.ops.push_back({op, "answered without the newest writes"});
  }
  broken.ops.push_back({newest_.op, "acknowledged before, and not there"});
  return broken;
}

void ChainInvariants::on_install(NodeId node, const Event& event) {
  Replica& own = replica(node);
  own.last = number(event, "index");
  own.hashes.clear();
  own.hashes[own.last] = number(event, "hash");
}

}  // namespace sunder::chain
