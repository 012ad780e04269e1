#pragma once
// The proof by probes that exactly some links carry nothing.

#include <set>

#include "harness/api/nemesis.h"

namespace sunder {

/// Probes all links, a few times if need be, adds what it saw to the report's evidence and
/// completes: confirmed when nothing came over the links named and something over all others.
/// The cluster must outlive the call.
void prove_cut(Cluster& cluster, std::set<Link> cut, FaultReport report,
               std::function<void(Outcome)> complete);

/// The same for what travels from and to one port, while all that travels by others passes.
void prove_port_cut(Cluster& cluster, std::set<Link> cut, std::uint16_t port, FaultReport report,
                    std::function<void(Outcome)> complete);

/// Links that faults other than `own` keep from carrying anything just now.
std::set<Link> cut_by_others(const Cluster& cluster, const std::string& own);

/// Names as in evidence: "n1>n2".
std::vector<std::string> names_of_links(const std::set<Link>& links);

}  // namespace sunder
