#pragma once
// Building a lab: agents in their namespaces, ports, the nodes' folders and command lines.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/real/lab/agent_link.h"
#include "harness/real/lab/disk_link.h"
#include "harness/real/lab/lab_world.h"

namespace sunder {

inline constexpr std::uint16_t node_tcp_port = 7000;  // of reference nodes

/// What stands before the switch and the loop begin. All in the order of the nodes.
struct LabSite {
  bool veth = false;
  bool clocks = false;  // can be bent: only if a nemesis does
  bool groups = false;  // what nodes use can be limited
  bool names = false;   // nodes look up each other's names
  std::vector<std::unique_ptr<DiskLink>> disks;  // none unless a nemesis strikes them
  std::vector<std::unique_ptr<AgentLink>> agents;
  std::vector<Descriptor> ports;        // of the switch
  Descriptor controller;                // its port of the switch
  std::vector<std::string> addresses;
  std::vector<Map> starts;              // the agent request that starts each node
  std::vector<Map> other_starts;        // as the test's other version; none if it has none
  std::vector<std::uint64_t> journal;   // entries of the controller and each agent
};

/// Faults of names strike only systems that look names up.
Status names_fit(const Test& test);

/// REQUIRES: the calling thread outlives the lab: the agents die with it.
Result<LabSite> provision(const Test& test, const LabOptions& options, Journal& journal);

/// Removes what provision() made in the controller's namespace and what does not end by itself.
void clear_ports(int nodes);

/// Where clients and questions about a store go. REQUIRES: test.system is a service.
ServicePlace place_of(const Test& test, const LabSite& site, NodeId self);

std::filesystem::path node_folder(const LabOptions& options, NodeId node);

}  // namespace sunder
