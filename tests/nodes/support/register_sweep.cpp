#include "tests/nodes/support/register_sweep.h"

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "harness/core/assert.h"
#include "harness/generate/generate.h"

namespace sunder::testing_support {
namespace {

constexpr const char* load_name = "unique-registers";

// The draw's number is unique, and so is the value.
Workload unique_registers(int keys) {
  Workload workload;
  workload.name = load_name;
  workload.summary = "reads and unique writes of a few registers";
  workload.datatype = "register";
  workload.keyed = true;
  workload.verbs = {"read", "write"};
  workload.load = [keys](const WorkloadConfig& config) {
    auto one = [keys](const Context&, Rng& draws) -> std::optional<gen::Draft> {
      std::int64_t key = draws.between(0, keys - 1);
      bool reads = draws.chance({1, 2});
      if (reads) return gen::Draft{"read", Value::pair(Value(key), Value())};
      auto value = static_cast<std::int64_t>(draws.draws());
      return gen::Draft{"write", Value::pair(Value(key), Value(value))};
    };
    return gen::clients(gen::drawn(Rng(config.seed, Stream::of(load_name)), one));
  };
  // Ten seconds are many rounds of anti-entropy; then every client reads every key.
  workload.finale = [keys](const WorkloadConfig&) {
    std::vector<gen::Draft> reads;
    for (std::int64_t key = 0; key < keys; ++key) {
      reads.push_back({"read", Value::pair(Value(key), Value())});
    }
    return gen::phases({gen::clients(gen::sleep(std::chrono::seconds(10))),
                        gen::clients(gen::each_thread(gen::ops(std::move(reads))))});
  };
  return workload;
}

}  // namespace

RegisterTally sweep(const RegisterSweep& wanted) {
  Catalogues catalogues = all_catalogues();
  catalogues.workloads.add(unique_registers(wanted.keys));
  RunRequest request{.system = wanted.system, .workload = load_name, .world = "sim"};
  request.nemeses = wanted.nemeses;
  request.set = wanted.set;
  request.claim = wanted.claim;
  if (!wanted.flaw.empty()) request.flaws = {wanted.flaw};
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_MSG(plan, plan.error().context);
  RegisterTally tally;
  for (std::uint64_t seed = 1; seed <= wanted.seeds; ++seed) {
    Verdict verdict = simulate(*plan, seed).verdict;
    switch (verdict.validity) {
      case Validity::valid: ++tally.valid; continue;
      case Validity::unknown: ++tally.unknown; break;
      case Validity::invalid: ++tally.invalid; break;
    }
    if (tally.first_trouble.empty()) {
      tally.first_trouble = "seed " + std::to_string(seed) + ": " + verdict.summary;
    }
    if (wanted.until_invalid && tally.invalid > 0) break;
  }
  return tally;
}

}  // namespace sunder::testing_support
