#pragma once
// What faults could leave behind on the hosts of a net, which are all on this machine.

#include <set>
#include <string>

#include "tests/ssh/support/host_net.h"

namespace sunder {

/// Control groups that agents of the hosts have made, or somebody who is dead.
std::set<std::string> groups_of(const HostNet& net);
/// Of every host, from which ports connections are made.
std::string local_ports_of(const HostNet& net);
/// Processes that see or serve a disk of a host's node.
std::size_t around_disks_of(const HostNet& net);
/// All of the above and every host's rules of nftables: the same before and after a run.
std::string state_of(HostNet& net);

}  // namespace sunder
