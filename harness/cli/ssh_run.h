#pragma once
// Runs in the ssh world.

#include "harness/cli/lab_run.h"
#include "harness/real/ssh/hosts_file.h"

namespace sunder {

/// What a run over SSH stands on.
struct SshGround {
  SshHosts hosts;
  std::string agent_binary;
  std::string node_binary;
  std::string disk_binary;  // empty: it was not built
};

/// Reads the plan's file of hosts and finds the binaries.
Result<SshGround> find_hosts(const Plan& plan);

Result<Outcomes> play_over_ssh(const Plan& plan, const Test& test, const SshGround& ground,
                               Recorder& recorder, const Interrupts& interrupts);

}  // namespace sunder
