#include "harness/cli/simulate.h"

#include "harness/run/run_loop.h"
#include "harness/sim/world.h"

namespace sunder {

SimulatedRun simulate(const Plan& plan, std::uint64_t seed) {
  Test test = make_test(plan, seed);
  SimWorld world(test);
  SimulatedRun run{.seed = seed};
  run.history = sunder::run(test, world, RunHooks{});
  run.virtual_time = world.now() - at_start;
  run.record = world.record();
  CheckContext context{.keyed = plan.workload.keyed, .time_budget = plan.time_budget};
  run.verdict = judge(RunEvidence{test, run.record, run.history}, plan.judges, context);
  return run;
}

}  // namespace sunder
