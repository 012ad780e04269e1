#pragma once
// The command line of sunder-node, for any catalogue of reference systems.

#include "harness/api/registry.h"
#include "harness/api/system.h"

namespace sunder {

/// Runs the node that the arguments describe until SIGTERM. The process's exit code: 0, 64 for
/// wrong arguments, 69 when the port, the data folder or the disk cannot be used.
int node_command(int argc, char** argv, const Registry<System>& systems);

}  // namespace sunder
