// The tables of systems without flaws: that they keep their claims, that they break stronger ones,
// and how fast they are.

#include <cmath>

#include "harness/cli/survey/survey.h"

namespace sunder::survey {
namespace {

bool always(const SimulatedRun&, const Tally&) { return true; }

void add_sweep(const System& system, const Plan& plan, const std::vector<std::string>& set,
               const Scope& scope, const AddRow& add) {
  SeedRange range{.first = 1, .count = scope.seeds, .jobs = scope.jobs};
  std::uint64_t undecided = 0;
  Tally tally = sweep_seeds(plan, range, [&](const SimulatedRun& run, const Tally&) {
    if (only_undecided(run.verdict)) ++undecided;
    return true;
  });
  ExitCode code = tally.valid + undecided == tally.runs ? exit_valid : exit_unknown;
  if (tally.invalid > 0) code = exit_invalid;
  auto count = [](std::uint64_t number, const auto& first) {
    return std::to_string(number) + (first ? " (seed " + std::to_string(first->first) + ")" : "");
  };
  std::string unknown = undecided > 0 && undecided == tally.unknown
                            ? std::to_string(undecided) + " (no checker decides the claim yet)"
                            : count(tally.unknown, tally.first_unknown);
  add(Row{{system.name, joined(set), plan.workload.name, plan.request.nemeses, plan.judges.claim,
           scope.time_limit, std::to_string(tally.runs), std::to_string(tally.valid),
           unknown, count(tally.invalid, tally.first_invalid)},
          code});
}

std::string rounded(double number) {
  double unit = std::pow(10.0, std::max(0.0, std::floor(std::log10(std::max(number, 1.0))) - 1));
  return std::to_string(std::llround(std::round(number / unit) * unit));
}

}  // namespace

void sound_rows(const System& system, const Scope& scope, const AddRow& add) {
  for (const std::string& workload : workloads_of(system, scope.catalogues)) {
    add_sweep(system, plan_of(system, {.workload = workload}, scope), {}, scope, add);
  }
  for (const std::vector<std::string>& set : system.settings) {
    add_sweep(system, plan_of(system, {.set = set}, scope), set, scope, add);
  }
}

void limit_rows(const System& system, const Scope& scope, const AddRow& add) {
  for (const Limit& limit : system.limits) {
    Plan plan = plan_of(system, {.workload = limit.workload, .faults = limit.faults,
                                 .claim = limit.claim, .flaw = limit.flaw, .set = limit.set},
                        scope);
    std::vector<std::string> options = limit.set;
    if (!limit.flaw.empty()) options.push_back("--flaw " + limit.flaw);
    std::vector<std::string> cells{system.name,     limit.lifted,       plan.judges.claim,
                                   joined(options), plan.workload.name, plan.request.nemeses};
    std::optional<SeedRange> range = seeds_for(scope, cells);
    Tally tally;
    if (range) {
      tally = sweep_seeds(plan, *range, [](const SimulatedRun&, const Tally& so_far) {
        return !so_far.first_invalid;
      });
    }
    bool refuted = tally.first_invalid.has_value();
    cells.push_back(refuted ? std::to_string(tally.first_invalid->first) : "");
    cells.push_back(refuted ? tally.first_anomaly
                            : "not refuted in " + std::to_string(scope.seeds));
    add(Row{std::move(cells), refuted ? exit_valid : exit_unknown});
  }
}

void speed_rows(const System& system, const Scope& scope, const AddRow& add) {
  Plan plan = plan_of(system, {}, scope);
  SeedRange range{.first = 1, .count = scope.seeds, .jobs = 1};
  Tally tally = sweep_seeds(plan, range, always);
  double cpu = static_cast<double>(tally.cpu_time.count()) / 1e9;
  double virtual_seconds = static_cast<double>(tally.virtual_time.count()) / 1e9;
  add(Row{{system.name, plan.workload.name, std::to_string(plan.test.nodes), scope.time_limit,
           std::to_string(tally.runs),
           rounded(virtual_seconds / cpu), rounded(static_cast<double>(tally.messages) / cpu),
           rounded(static_cast<double>(tally.ops_ok) / static_cast<double>(tally.runs))},
          exit_valid});
}

}  // namespace sunder::survey
