#pragma once
// Waiting for a moment that is worth more than others: a new leader.

#include <functional>

#include "nemesis/policy/acts.h"

namespace sunder {

/// Looks at every node each time after this while, without waiting for those that do not answer.
inline constexpr Duration watch_pause = std::chrono::milliseconds(10);

/// Calls `done` once: with the latest look at each node as soon as a node says that it leads which
/// did not lead when the watch began, or leads by a later term; or with nothing when there was no
/// such node in `patience`. `waited` is the time since the watch began.
struct LeaderChange {
  bool came = false;
  Reports reports;
  Duration waited{0};
};
void await_leader_change(Cluster& cluster, Duration patience,
                         std::function<void(const LeaderChange&)> done);

}  // namespace sunder
