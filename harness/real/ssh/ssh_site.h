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
  std::vector<std::vector<std::string>> attach;  // by node: the command that bridges to the agent
  std::vector<std::string> binaries;             // by node: what runs it there
};

/// All hosts at once. Changes nothing on a host but our own folder.
Result<SshSite> prepare_hosts(const Test& test, const SshOptions& options);

/// The requests by which an agent learns its place, and starts its node.
Map settle_request(const Test& test, const SshOptions& options, const SshSite& site, NodeId node);
/// A store's node, or, without a folder, what its clients need to know.
ServicePlace place_of(const Test& test, const SshSite& site, NodeId self,
                      const std::string& folder);
Map start_request(const Test& test, const SshSite& site, NodeId node, const std::string& folder);

/// Fetches a node's log and trace into nodes/<name>/. What is not there is left out.
Status fetch_files(const SshOptions& options, NodeId node);

}  // namespace sunder
