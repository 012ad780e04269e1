#pragma once
// Faults that make links worse than they are: one shape for all, the link model says how.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

struct LinkFault {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;  // beside those that say which links
  std::function<LinkModel(const Options&)> model;
};

/// Imposes the model on the links of nodes chosen by role. Links are measured before, while the
/// fault is on, right before it ends and after: begun when the measurements differ as the model
/// says, ended when they differ so the other way. Its ops are start-NAME and stop-NAME.
Nemesis link_nemesis(LinkFault fault);

/// An option in percent, from 1 to 100.
OptionSpec percent_option(std::string name, std::string fallback, std::string help);
/// REQUIRES: the option is a percent_option
Ratio percent(const Options& options, std::string_view name);

/// The links meant by around (both ways between targets and all nodes), in, out (one way only) or
/// single (both ways between one target and one other node). Ascending; empty when there is none.
std::set<Link> links_of(std::string_view which, const std::vector<NodeId>& targets,
                        std::span<const NodeId> nodes, Rng& rng);

}  // namespace sunder
