// The tables of flaws: what catches each, and that the system without it is right on the same seed.

#include <algorithm>

#include "harness/cli/survey/progress.h"
#include "harness/cli/survey/survey.h"

namespace sunder::survey {
namespace {

constexpr std::string_view no_progress = "no-progress";
constexpr Duration least_stall = std::chrono::milliseconds(2500);

/// A flaw and the system without it, under one load.
struct Pair {
  const Flaw& flaw;
  Plan flawed;
  Plan twin;
};

Pair pair_of(const System& system, const Flaw& flaw, const Scope& scope) {
  Wanted wanted{.workload = flaw.workload, .claim = flaw.claim, .set = flaw.set};
  // Other faults would stop the twin too.
  if (flaw.anomaly == no_progress) wanted.faults = joined(flaw.shown_by, ",");
  Plan twin = plan_of(system, wanted, scope);
  wanted.flaw = flaw.name;
  return {flaw, plan_of(system, wanted, scope), std::move(twin)};
}

bool shows(const Verdict& verdict, const std::string& anomaly) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity != Validity::invalid) continue;
    for (const Anomaly& found : part.anomalies) {
      if (found.name == anomaly) return true;
    }
  }
  return false;
}

bool stalls(const SimulatedRun& run, const Pair& pair) {
  if (stuck(run)) return true;
  Duration stall = longest_stall(run);
  return stall >= least_stall && stall >= 3 * longest_stall(simulate(pair.twin, run.seed));
}

/// As what a run shows the flaw; empty when it does not, or not as its row promises.
std::string caught_as(const SimulatedRun& run, const Pair& pair) {
  const std::string& promised = pair.flaw.anomaly;
  if (promised == no_progress) return stalls(run, pair) ? promised : "";
  if (run.verdict.validity != Validity::invalid) return "";
  if (promised.empty()) return anomaly_of(run.verdict);
  return shows(run.verdict, promised) ? promised : "";
}

struct Catch {
  std::uint64_t seed = 0;
  std::string anomaly;
};

std::optional<Catch> first_catch(const Pair& pair, const SeedRange& range) {
  std::optional<Catch> first;
  sweep_seeds(pair.flawed, range, [&](const SimulatedRun& run, const Tally&) {
    if (first && first->seed < run.seed) return false;
    std::string anomaly = caught_as(run, pair);
    if (!anomaly.empty()) first = Catch{run.seed, std::move(anomaly)};
    return !first;
  });
  return first;
}

void add_flaw(const System& system, const Flaw& flaw, const Scope& scope, const AddRow& add) {
  Pair pair = pair_of(system, flaw, scope);
  std::vector<std::string> cells{system.name};
  if (!flaw.listing.empty()) cells.push_back(flaw.listing);
  cells.push_back(flaw.name);
  cells.push_back(pair.flawed.workload.name);
  std::optional<SeedRange> range = seeds_for(scope, cells);
  std::optional<Catch> caught = range ? first_catch(pair, *range) : std::nullopt;
  ExitCode code = exit_valid;
  if (caught) {
    Verdict twin = simulate(pair.twin, caught->seed).verdict;
    bool undecided = only_undecided(twin);
    cells.insert(cells.end(), {std::to_string(caught->seed), caught->anomaly,
                               undecided ? "valid but for the claim, which nothing decides yet"
                                         : std::string(to_string(twin.validity))});
    if (twin.validity != Validity::valid && !undecided) code = exit_invalid;
  } else {
    std::string wanted = flaw.anomaly.empty() ? "" : " as " + flaw.anomaly;
    cells.insert(cells.end(), {"", "not caught" + wanted + " in " + std::to_string(scope.seeds),
                               ""});
    code = exit_unknown;
  }
  cells.push_back(flaw.summary);
  add(Row{std::move(cells), code});
}

}  // namespace

void note_rows(const System& system, const Scope& scope, const AddRow& add) {
  for (const Flaw& flaw : system.flaws) {
    if (!flaw.listing.empty()) add_flaw(system, flaw, scope, add);
  }
}

void flaw_rows(const System& system, const Scope& scope, const AddRow& add) {
  for (const Flaw& flaw : system.flaws) {
    if (flaw.listing.empty()) add_flaw(system, flaw, scope, add);
  }
}

}  // namespace sunder::survey
