#pragma once
// The agent's two ways to run on a host of its own.

#include <chrono>

#include "harness/agent/host_place.h"

namespace sunder {

/// Starts an agent that serves on the folder's socket, unless one does already, and a watchdog that
/// undoes its faults when it dies. Both detach. "started" or "running", once it can be attached to.
Result<std::string> serve_host(const HostFolder& folder, std::chrono::nanoseconds patience);

/// Connects standard input and output with the folder's agent, until either ends.
Status attach_to_host(const HostFolder& folder);

}  // namespace sunder
