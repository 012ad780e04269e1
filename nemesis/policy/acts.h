#pragma once
// Acts on several nodes at once, and waiting until what was done can be seen.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/cluster.h"

namespace sunder {

/// How often evidence is looked for, and how long apart: signals and clocks of real machines take
/// a moment, and a probe sent over a link that loses packets may be lost by chance.
inline constexpr int evidence_attempts = 5;
inline constexpr Duration evidence_pause = std::chrono::milliseconds(100);

using ActOn = std::function<void(NodeId, Cluster::Act)>;

/// Begins the act on all nodes together. `done` gets the sentence of each that went wrong.
void act_on_all(const std::vector<NodeId>& nodes, const ActOn& act,
                std::function<void(std::vector<std::string>)> done);

using Reports = std::vector<NodeReport>;

/// Surveys until `holds` is true of all nodes, at most `attempts` times; `done` gets the last
/// survey and whether it holds. The cluster must outlive the call.
void survey_until(Cluster& cluster, std::function<bool(const Reports&)> holds,
                  std::function<void(bool, const Reports&)> done,
                  int attempts = evidence_attempts);

}  // namespace sunder
