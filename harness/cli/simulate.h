#pragma once
// One simulated run in memory, judged: the unit of sweeps.

#include "harness/cli/plan.h"
#include "harness/core/history.h"
#include "harness/run/judge.h"

namespace sunder {

struct SimulatedRun {
  std::uint64_t seed = 0;
  History history;
  WorldRecord record;
  Verdict verdict;
  Duration virtual_time{0};
};
SimulatedRun simulate(const Plan& plan, std::uint64_t seed);

}  // namespace sunder
