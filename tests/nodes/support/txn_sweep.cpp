#include "tests/nodes/support/txn_sweep.h"

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {
namespace {

// Whether all that keeps a run from being valid is that its claim was not decided.
bool only_undecided(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity != Validity::valid && part.checker != "claim") return false;
  }
  return true;
}

bool back_after_healing(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    const Value* first = part.detail.find("first_ok_after_healing");
    if (first != nullptr) return !first->is_nil();
  }
  return false;
}

std::string first_anomaly(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (!part.anomalies.empty()) return part.anomalies.front().name;
  }
  return {};
}

void count(const Verdict& verdict, TxnTally& tally) {
  switch (verdict.validity) {
    case Validity::valid: ++tally.valid; return;
    case Validity::unknown:
      if (only_undecided(verdict)) {
        ++tally.undecided;
        return;
      }
      ++tally.unknown;
      break;
    case Validity::invalid:
      if (++tally.invalid == 1) tally.first_anomaly = first_anomaly(verdict);
      break;
  }
  if (tally.first_trouble.empty()) tally.first_trouble = verdict.summary;
}

}  // namespace

std::string told(const TxnSweep& wanted) {
  std::string text = wanted.system + " " + wanted.workload;
  for (const std::string& pair : wanted.set) text += " " + pair;
  return wanted.flaw.empty() ? text : text + " flaw " + wanted.flaw;
}

TxnTally sweep(const TxnSweep& wanted) {
  RunRequest request{.system = wanted.system, .workload = wanted.workload, .world = "sim"};
  request.nemeses = wanted.nemeses;
  request.set = wanted.set;
  if (!wanted.flaw.empty()) request.flaws = {wanted.flaw};
  Catalogues catalogues = all_catalogues();  // the plan points into it
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_MSG(plan, plan.error().context);
  TxnTally tally;
  for (std::uint64_t seed = 1; seed <= wanted.seeds; ++seed) {
    SimulatedRun run = simulate(*plan, seed);
    count(run.verdict, tally);
    tally.back_after_healing += back_after_healing(run.verdict) ? 1 : 0;
    for (const auto& [name, times] : run.record.probes) tally.probes[name] += times;
    if (wanted.until_invalid && tally.invalid > 0) break;
  }
  return tally;
}

}  // namespace sunder::testing_support
