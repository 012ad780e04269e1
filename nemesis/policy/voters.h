#pragma once
// Which nodes are to decide next.

#include <string_view>
#include <vector>

#include "harness/core/options.h"
#include "nemesis/policy/targets.h"

namespace sunder {

/// The option by which a run says how voters are exchanged: mix draws one of the others.
OptionSpec exchange_option();
std::string draw_exchange(const std::string& option, Rng& rng);

/// Other voters than those of now, ascending: one more (add), one less (remove, or leader: that
/// one), one for another (exchange), any, or those named. At least as many as `least`, of whom a
/// majority runs, except when they are named. What cannot be had becomes another of these; empty
/// when none can.
std::vector<NodeId> choose_voters(std::string_view intention, const std::vector<NodeId>& now,
                                  const NodeReports& reports, std::size_t least, Rng& rng);

/// Of these nodes, those that run and answer.
std::vector<NodeId> running_among(const std::vector<NodeId>& nodes, const NodeReports& reports);
bool majority_runs(const std::vector<NodeId>& voters, const NodeReports& reports);

/// Who leads, by the latest term; null when nobody does.
const NodeReport* leading(const NodeReports& reports);
/// Whether these are the voters: a leader says so that can serve, and of whose term nobody knows a
/// later one, and so does a majority of them. A leader that was cut off knows only what was.
bool are_voters(const std::vector<NodeId>& voters, const NodeReports& reports);

}  // namespace sunder
