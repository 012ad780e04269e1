#pragma once
// Runs in the lab world.

#include "harness/cli/interrupts.h"
#include "harness/cli/plan.h"
#include "harness/cli/recorder.h"
#include "harness/api/world.h"
#include "harness/core/history.h"

namespace sunder {

/// What happened, before anybody judges it.
struct Outcomes {
  History history;
  WorldRecord record;
  bool interrupted = false;
};

/// Executes this command line again inside the lab's own namespaces, or returns at once when it is
/// there already. REQUIRES: no thread has been started. Error (environment): the kernel forbids it.
Status enter_own_namespaces(const std::vector<std::string>& arguments);

Result<Outcomes> play_in_lab(const Test& test, Recorder& recorder, const Interrupts& interrupts);

}  // namespace sunder
