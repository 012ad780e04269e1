#pragma once
// Connections that a fault resets or refuses, and the proof of it by connections of our own.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"
#include "nemesis/policy/targets.h"

namespace sunder {

/// The option by which a run says whose connections a fault strikes.
OptionSpec between_option();
/// Both ways between the targets and all other nodes, clients, or both; ascending.
std::set<Link> links_between(const std::string& between, const std::vector<NodeId>& targets,
                             std::span<const NodeId> nodes);
/// The same for an op's `targets` and `between`, booked, and the evidence of how they were chosen.
/// Completes the op, and does not go on, where there are none or the budget has no room.
void choose_lines(const Op& op, FaultScene& scene, const std::string& fault,
                  std::function<void(Outcome)> complete,
                  std::function<void(const std::set<Link>&, Map evidence)> then);
/// Those of them that lie between nodes.
std::set<Link> between_nodes(const std::set<Link>& links);
/// The nodes that some of them join to clients.
std::vector<NodeId> asked_by_clients(const std::set<Link>& links);

/// What is to become of connections: those over struck links as said, all others stand.
struct LineTrial {
  std::string own;        // the rule of whoever asks; what other rules do is no surprise
  std::set<Link> struck;  // between nodes
  LineState expected = LineState::open;
  bool anew = true;  // opened for it, or those that were opened last
};
struct LineFindings {
  bool as_expected = false;
  std::string error{};  // why it could not be found out
  Map evidence{};       // how many are open, refused, reset, silent, and what is unlike
};
/// Tries connections between all nodes, a few times if need be. The cluster must outlive the call.
void try_lines(Cluster& cluster, LineTrial trial, std::function<void(const LineFindings&)> done);

/// By how much the segments answered by resets at these nodes have grown.
std::int64_t resets_since(const LinkTolls& before, const LinkTolls& after,
                          const std::set<NodeId>& nodes);

}  // namespace sunder
