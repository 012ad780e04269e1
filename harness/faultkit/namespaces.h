#pragma once
// Namespaces: the controller's own, and the file tree that a node sees.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

inline constexpr std::uint32_t unprivileged_user = 65534;  // "nobody", on every Linux

/// Proof that the calling process is in network and mount namespaces of its own, where it may
/// create interfaces and further namespaces.
struct LabSpace {
  bool rootless = false;  // no user but uid 0 exists here: nodes cannot run as another
};

/// Moves the calling process there. REQUIRES: it has one thread. Errors say what forbids it and the
/// cure.
Result<LabSpace> enter_lab_namespaces();

/// From now on the calling process has mounts of its own: it still sees what others mount, and
/// nobody but its children sees what it mounts. They end with the last of these processes.
/// REQUIRES: it has one thread.
Status hide_own_mounts();

struct NodeTree {
  std::string host_name;
  std::string hosts;  // the text of /etc/hosts
  bool asks_loopback = false;  // names that /etc/hosts lacks are asked for at 127.0.0.1
  /// (a folder or file of the host, where the node sees it below /tmp), writable for folders
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> binds;
};

/// Turns the file tree of the calling process's mount namespace, which must be its own, into a
/// node's: own /proc, private /tmp with the binds, all else read-only where the kernel allows.
/// REQUIRES: called by the first process of a new PID namespace.
Status make_node_tree(const NodeTree& tree);

}  // namespace sunder
