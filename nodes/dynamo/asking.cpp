// Whom a coordinator asks: the replicas of the key and, with sloppy quorums, those that stand in.

#include <algorithm>
#include <optional>

#include "nodes/dynamo/coordinator.h"

namespace sunder::dynamo {

std::span<const std::size_t> Coordinator::replicas(const Task& task) const {
  return std::span(task.order).first(std::min(ring_.replicas(), task.order.size()));
}

bool Coordinator::is_replica(const Task& task, std::size_t node) const {
  auto all = replicas(task);
  return std::find(all.begin(), all.end(), node) != all.end();
}

// Two rounds without an answer are enough to look elsewhere, before the detector has an opinion.
bool Coordinator::suspected(const Task& task, std::size_t node) const {
  const Leg& leg = task.legs[node];
  if (leg.answered || node == self()) return false;
  bool silent = leg.asked && runtime_.now() - leg.asked_at >= 2 * config_.retransmit;
  return silent || !liveness_.up(node);
}

// A strict quorum is one of replicas, so that all of them are asked, whoever seems to be down.
std::vector<std::size_t> Coordinator::targets(const Task& task) const {
  auto all = replicas(task);
  const Flaws& flaws = config_.flaws;
  if (flaws.first_replicas_only && !task.request.write) {
    all = all.first(std::min(config_.reads, all.size()));
  }
  std::vector<std::size_t> chosen(all.begin(), all.end());
  if (!config_.sloppy && !flaws.fallbacks_count) return chosen;
  std::size_t healthy = 0;
  for (std::size_t node : task.order) {
    if (healthy == ring_.replicas()) break;
    if (suspected(task, node)) continue;
    ++healthy;
    if (!is_replica(task, node)) chosen.push_back(node);
  }
  return chosen;
}

// The first replica that nobody stands in for yet.
std::size_t Coordinator::owner_for(const Task& task, std::size_t node) const {
  if (is_replica(task, node)) return node;
  if (task.legs[node].asked) return task.legs[node].owner;
  std::optional<std::size_t> any;
  for (std::size_t replica : replicas(task)) {
    if (!suspected(task, replica)) continue;
    if (!any) any = replica;
    bool taken = std::any_of(task.legs.begin(), task.legs.end(), [&](const Leg& leg) {
      return leg.asked && leg.owner == replica && &leg != &task.legs[replica];
    });
    if (!taken) return replica;
  }
  return any.value_or(task.order.front());
}

void Coordinator::ask_all(Tasks::value_type& entry, bool again) {
  Task& task = entry.second;
  std::vector<std::size_t> nodes = targets(task);
  if (std::find(nodes.begin(), nodes.end(), self()) != nodes.end()) ask_itself(task);
  for (std::size_t node : nodes) {
    if (node == self() || task.legs[node].answered) continue;
    if (!is_replica(task, node)) {
      if (again && task.phase == Phase::after) continue;
      runtime_.probe("a node stood in for a replica");
    }
    ask(entry, node);
  }
}

// Before the others: see invariant 2.
void Coordinator::ask_itself(Task& task) {
  Leg& leg = task.legs[self()];
  if (leg.answered) return;
  leg.owner = owner_for(task, self());
  leg.asked = leg.answered = true;
  leg.asked_at = runtime_.now();
  std::int64_t key = task.request.key;
  if (!task.stored) {
    leg.told = config_.sloppy ? holdings_.newest(key) : holdings_.version(key);
    return;
  }
  if (leg.owner == self()) {
    holdings_.adopt(key, task.version);
  } else {
    holdings_.keep_hint(leg.owner, key, task.version);
  }
  barrier();
}

void Coordinator::ask(Tasks::value_type& entry, std::size_t node) {
  auto& [round, task] = entry;
  Leg& leg = task.legs[node];
  std::size_t owner = owner_for(task, node);
  if (!leg.asked) leg.asked_at = runtime_.now();
  leg.owner = owner;
  leg.asked = true;
  NodeId peer = runtime_.peers()[node];
  if (task.stored) {
    runtime_.send(peer, Message(Store{round, task.request.key, static_cast<std::int64_t>(owner),
                                      task.version}));
  } else {
    runtime_.send(peer, Message(Query{round, task.request.key}));
  }
}

}  // namespace sunder::dynamo
