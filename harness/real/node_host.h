#pragma once
// A reference node as a process: TCP around a NodeRuntime.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/api/system.h"

namespace sunder {

struct NodeSetup {
  const System* system = nullptr;  // a reference system
  SystemConfig config;
  NodeId self;
  std::vector<std::pair<NodeId, std::string>> peers;  // "127.0.0.1:7001", self included
  std::filesystem::path data;
  std::filesystem::path trace;  // empty: no trace
  std::uint64_t seed = 0;
  std::string called;  // what it says when asked for its version; empty: nothing
};

/// "127.0.0.1:7001" for every peer of "n1=127.0.0.1:7001,n2=...", ascending by node.
Result<std::vector<std::pair<NodeId, std::string>>> parse_peers(std::string_view text);

/// Runs the node until SIGTERM or SIGINT. Errors: the port is in use, the data folder is unusable
/// or damaged, or the disk failed underway.
Status run_node(const NodeSetup& setup);

}  // namespace sunder
