#include "tests/nodes/support/object_sweep.h"

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {
namespace {

std::string anomaly_of(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity == Validity::invalid && !part.anomalies.empty()) {
      return part.anomalies.front().name;
    }
  }
  return {};
}

Plan plan_of(const ObjectSweep& wanted, const Catalogues& catalogues) {
  RunRequest request{.system = wanted.system, .workload = wanted.workload, .world = "sim"};
  request.nemeses = wanted.nemeses;
  request.set = wanted.set;
  if (!wanted.flaw.empty()) request.flaws = {wanted.flaw};
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_MSG(plan, plan.error().context);
  for (ChosenChecker& chosen : plan->judges.checkers) {
    if (wanted.demands.empty() || chosen.entry->consistency != plan->judges.claim) continue;
    Result<Options> options = Options::parse(chosen.entry->options, wanted.demands);
    ASSERT_MSG(options, options.error().context);
    chosen.options = *options;
  }
  return *std::move(plan);
}

}  // namespace

ObjectTally sweep(const ObjectSweep& wanted) {
  Catalogues catalogues = all_catalogues();
  Plan plan = plan_of(wanted, catalogues);
  ObjectTally tally;
  for (std::uint64_t seed = 1; seed <= wanted.seeds; ++seed) {
    Verdict verdict = simulate(plan, seed).verdict;
    if (verdict.validity == Validity::valid) {
      ++tally.valid;
      continue;
    }
    if (tally.first_trouble.empty()) {
      tally.first_trouble = "seed " + std::to_string(seed) + ": " + verdict.summary;
    }
    if (verdict.validity != Validity::invalid) continue;
    if (tally.invalid++ == 0) tally.anomaly = anomaly_of(verdict);
    if (wanted.until_invalid) break;
  }
  return tally;
}

}  // namespace sunder::testing_support
