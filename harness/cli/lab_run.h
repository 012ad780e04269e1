#pragma once
// Runs in the lab world.

#include "harness/api/world.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/plan.h"
#include "harness/cli/recorder.h"
#include "harness/core/history.h"
#include "harness/faultkit/namespaces.h"

namespace sunder {

/// What happened, before anybody judges it.
struct Outcomes {
  History history;
  WorldRecord record;
  bool interrupted = false;
};

/// What a run in the lab stands on.
struct LabGround {
  LabSpace space;
  std::string agent_binary;
  std::string node_binary;
  std::string disk_binary;
  std::string clock_library;
};

/// Finds the binaries and enters the lab's own namespaces; to be called before any thread is
/// started. Errors (environment): a binary is missing, or the kernel gives no namespaces.
Result<LabGround> enter_lab();

Result<Outcomes> play_in_lab(const Plan& plan, const Test& test, const LabGround& ground,
                             Recorder& recorder, const Interrupts& interrupts);

}  // namespace sunder
