#pragma once
// Making hosts ready: our binaries are there, an agent runs, and what the nodes are told is known.

#include <string>
#include <vector>

#include "harness/core/value.h"
#include "harness/real/ssh/ssh_world.h"

namespace sunder {

inline constexpr std::uint16_t ssh_node_port = 7000;  // of reference nodes

struct SshSite {
  std::vector<std::string> addresses;            // by node, as the nodes reach each other
  std::vector<std::string> agents;               // by node: sunder-agent there
  std::vector<std::vector<std::string>> attach;  // by node: the command that bridges to the agent
  std::vector<std::string> binaries;             // by node: what runs it there
  std::vector<std::string> disks;                // by node: sunder-crashfs there, or empty
  std::vector<std::string> other_binaries;       // the same of the test's other version
};

/// Whether nodes are to keep their data on disks of crashfs: unless a power cut takes the whole
/// machine, and with it what such a disk has.
bool has_disks(const Test& test, const SshOptions& options);

/// All hosts at once. Changes nothing on a host but our own folder.
Result<SshSite> prepare_hosts(const Test& test, const SshOptions& options);

/// The requests by which an agent learns its place, and starts its node.
Map settle_request(const Test& test, const SshOptions& options, const SshSite& site, NodeId node);
Map folder_request(const Test& test, const SshSite& site, NodeId node);
/// A store's node, or, without a folder, what its clients need to know.
ServicePlace place_of(const Test& test, const SshSite& site, NodeId self,
                      const std::string& folder);
Map start_request(const Test& test, const SshSite& site, NodeId node, const std::string& folder,
                  std::size_t boot, Version version);
/// What a node traces after its host's n-th start, from 0: each has a monotonic clock of its own.
std::string trace_name(std::size_t boot);

/// Fetches a node's log and traces into nodes/<name>/. What is not there is left out.
Status fetch_files(const SshOptions& options, NodeId node, std::size_t boots);

}  // namespace sunder
