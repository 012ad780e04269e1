#include "tests/nodes/support/judged_runs.h"

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {
namespace {

std::string first_anomaly(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity != Validity::invalid || part.anomalies.empty()) continue;
    return part.anomalies.front().name;
  }
  return {};
}

}  // namespace

JudgedTally play(const JudgedRuns& wanted) {
  RunRequest request{.system = wanted.system, .workload = wanted.workload, .world = "sim"};
  request.nemeses = wanted.nemeses;
  request.set = wanted.set;
  request.claim = wanted.claim;
  request.time_budget = wanted.time_budget;
  if (!wanted.flaw.empty()) request.flaws = {wanted.flaw};
  Catalogues catalogues = all_catalogues();  // the plan points into them
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_MSG(plan, plan.error().context);
  std::erase_if(plan->judges.checkers,
                [](const ChosenChecker& chosen) { return chosen.entry->tells_only; });
  JudgedTally tally;
  for (std::uint64_t seed = 1; seed <= wanted.seeds; ++seed) {
    SimulatedRun run = simulate(*plan, seed);
    for (const auto& [name, hits] : run.record.probes) tally.probes[name] += hits;
    switch (run.verdict.validity) {
      case Validity::valid: ++tally.valid; continue;
      case Validity::unknown: ++tally.unknown; break;
      case Validity::invalid: ++tally.invalid; break;
    }
    if (tally.first_trouble.empty()) {
      tally.first_trouble = "seed " + std::to_string(seed) + ": " + run.verdict.summary;
    }
    if (tally.anomaly.empty()) tally.anomaly = first_anomaly(run.verdict);
    if (wanted.until_invalid && tally.invalid > 0) break;
  }
  return tally;
}

std::string told(const JudgedRuns& wanted) {
  std::string text = wanted.system + " " + wanted.workload;
  for (const std::string& pair : wanted.set) text += " " + pair;
  if (!wanted.flaw.empty()) text += " flaw " + wanted.flaw;
  if (!wanted.claim.empty()) text += " as " + wanted.claim;
  return text;
}

}  // namespace sunder::testing_support
