#pragma once
// Whom a fault strikes, said by role and settled at the moment it strikes.

#include <string>
#include <string_view>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/core/options.h"
#include "harness/core/rng.h"
#include "harness/core/value.h"

namespace sunder {

using NodeReports = std::vector<NodeReport>;

/// The option by which a run says whom: mix draws one of the others for each fault.
OptionSpec targets_option(std::string fallback = "mix");
/// What one fault is to strike, drawn now when the option says mix: "leader".
std::string draw_intention(const std::string& option, Rng& rng);

/// Those of the nodes that a text names, "n1,n3"; empty when it is no list of nodes.
std::vector<NodeId> named_nodes(std::string_view text, const NodeReports& reports);

/// The nodes meant by one, minority (at least one), majority, leader, all, or by name ("n1,n3");
/// ascending. Without a known leader, a random node stands in for it.
std::vector<NodeId> choose_targets(std::string_view intention, const NodeReports& reports,
                                   Rng& rng);

/// Those of the meant nodes whose processes are neither stopped nor paused, or else one such node:
/// a process that is not there can be neither killed nor paused. Empty when there is none.
std::vector<NodeId> choose_running(std::string_view intention, const NodeReports& reports,
                                   Rng& rng);

/// Who says of itself that it leads; of several, those of the highest term. A node that was cut
/// off and has not noticed is thus not mistaken for the leader.
std::vector<NodeId> leaders(const NodeReports& reports);
/// The leader, or a random node when there is none. REQUIRES: there are nodes
NodeId leader_or_any(const NodeReports& reports, Rng& rng);
/// Every node, in random order.
std::vector<NodeId> shuffled_nodes(const NodeReports& reports, Rng& rng);

// For evidence and targets.
Value roles_of(const NodeReports& reports);      // {"n1": "leader", ...}, reachable ones only
Value processes_of(const NodeReports& reports);  // {"n1": "running", ...}
Value starts_of(const NodeReports& reports);     // {"n1": 3, ...}: how often each was started
Value endings_of(const NodeReports& reports);    // {"n1": "exit 0", ...}, of those that ended once
std::vector<std::string> names_of(const std::vector<NodeId>& nodes);
List to_list(const std::vector<std::string>& texts);

/// The text of an op's value under a key, or a default when the op does not say.
std::string intention_of(const Value& value, std::string_view key, std::string_view otherwise);

}  // namespace sunder
