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

/// `space` is the lab's own namespaces, entered before any thread was started.
Result<Outcomes> play_in_lab(const Plan& plan, const Test& test, const LabSpace& space,
                             Recorder& recorder, const Interrupts& interrupts);

}  // namespace sunder
