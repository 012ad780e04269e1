// What a coordinator does once the client has its answer, or none: read repair and hints.

#include <algorithm>

#include "nodes/dynamo/coordinator.h"

namespace sunder::dynamo {

// With W replicas that hold it, a write-back has nothing left to see to.
bool Coordinator::all_replicas_answered(const Task& task) const {
  if (task.stored && !task.request.write) return true;
  auto all = replicas(task);
  return std::all_of(all.begin(), all.end(),
                     [&](std::size_t node) { return task.legs[node].answered; });
}

void Coordinator::close(Tasks::iterator at) {
  const Task& task = at->second;
  if (!task.request.write && !task.stored && task.phase == Phase::after) {
    repair(*at);
  } else if (task.request.write && task.stored) {
    leave_hints(task);
  }
  tasks_.erase(at);
}

void Coordinator::repair(const Tasks::value_type& entry) {
  const auto& [round, task] = entry;
  Version newest = newest_answer(task);  // of those that came too late for the client too
  std::vector<std::size_t> stale;
  std::size_t place = 0;  // among those that answered
  for (std::size_t replica : replicas(task)) {
    const Leg& leg = task.legs[replica];
    if (!leg.answered) continue;
    bool by_place = config_.flaws.repair_by_filtered_index;
    std::size_t target = by_place ? replicas(task)[place] : replica;
    ++place;
    if (!(leg.told.stamp < newest.stamp)) continue;
    stale.push_back(replica);
    trace_round("repair", round, target);
    send_repair(target, task.request.key, newest);
  }
  if (stale.empty()) return;
  runtime_.probe("a read repaired a replica");
  for (std::size_t replica : stale) trace_round("stale", round, replica);
  trace_round("closed", round, self());
}

void Coordinator::send_repair(std::size_t target, std::int64_t key, const Version& version) {
  if (target == self()) {
    holdings_.adopt(key, version);
    barrier();
    return;
  }
  auto owner = static_cast<std::int64_t>(target);
  runtime_.send(runtime_.peers()[target], Message(Store{0, key, owner, version}));
}

bool Coordinator::has_stand_in(const Task& task, std::size_t replica) const {
  return std::any_of(task.legs.begin(), task.legs.end(), [&](const Leg& leg) {
    return leg.answered && leg.owner == replica && &leg != &task.legs[replica];
  });
}

void Coordinator::leave_hints(const Task& task) {
  for (std::size_t replica : replicas(task)) {
    if (task.legs[replica].answered) continue;
    bool forgotten = config_.flaws.no_hint_on_error && liveness_.up(replica);
    if (!has_stand_in(task, replica) && !forgotten) keep_hint(task, replica);
    trace_stamp("missed", "peer", static_cast<std::int64_t>(replica), task);
  }
}

void Coordinator::keep_hint(const Task& task, std::size_t replica) {
  runtime_.probe("a coordinator kept a hint");
  holdings_.keep_hint(replica, task.request.key, task.version);
  barrier();
}

}  // namespace sunder::dynamo
