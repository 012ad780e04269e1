// What a replica keeps over a restart, and how it keeps that small.

#include <algorithm>

#include "nodes/register/replica/replica.h"

namespace sunder::registers {

void ReplicaNode::recover() {
  std::vector<Write> replayed;
  log_.recover([this](ByteReader& in) { restore_state(in); },
               [&](const Write& write) { replayed.push_back(write); });
  if (config_.flaws.own_first_on_recovery) {
    auto own = [&](const Write& write) { return write.origin == runtime_.self().index; };
    std::stable_partition(replayed.begin(), replayed.end(), own);
  }
  for (const Write& write : replayed) {
    clock_.observe(write.time);
    auto [shown, fresh] = shown_.try_emplace(write.key, write);
    if (!fresh && wins(write, shown->second)) shown->second = write;
  }
}

// The clock is the largest time, also where arrival decides what shows.
std::string ReplicaNode::state() const {
  ByteWriter out;
  out.number(clock_.now());
  out.number(static_cast<std::int64_t>(shown_.size()));
  for (const auto& [key, write] : shown_) put_write(out, write);
  return out.take();
}

void ReplicaNode::restore_state(ByteReader& in) {
  clock_.observe(in.number());
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    Write write = get_write(in);
    if (in.ok()) shown_[write.key] = write;
  }
}

// Tells the invariants what survived: everything else that this node traced before is void.
void ReplicaNode::trace_recovered() {
  const clock::VectorClock& counts = log_.counts();
  for (std::size_t i = 0; i < known_.size(); ++i) {
    runtime_.trace({.kind = "has",
                    .numbers = {{{"origin", static_cast<std::int64_t>(i)},
                                 {"count", counts.at(i)}}}});
  }
  for (const Write& write : log_.beyond(counts, SIZE_MAX)) {
    runtime_.trace({.kind = "kept",
                    .numbers = {{{"origin", write.origin}, {"sequence", write.sequence}}}});
  }
  for (const auto& [key, write] : shown_) {
    runtime_.trace({.kind = "shown",
                    .numbers = {{{"key", key},
                                 {"origin", write.origin},
                                 {"sequence", write.sequence}}}});
  }
}

clock::VectorClock ReplicaNode::known_by_all() const {
  std::vector<std::int64_t> least = log_.counts().counts();
  for (std::size_t peer = 0; peer < known_.size(); ++peer) {
    if (peer == self()) continue;
    for (std::size_t i = 0; i < least.size(); ++i) {
      least[i] = std::min(least[i], known_[peer].at(i));
    }
  }
  return clock::VectorClock(std::move(least));
}

void ReplicaNode::maybe_compact() {
  if (log_.added_since_snapshot() < config_.compact_every) return;
  runtime_.probe("a snapshot replaced the log");
  log_.compact(state(), known_by_all());
}

}  // namespace sunder::registers
