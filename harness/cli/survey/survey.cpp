#include "harness/cli/survey/survey.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::survey {

std::optional<SeedRange> seeds_for(const Scope& scope, const std::vector<std::string>& cells) {
  if (!scope.recorded) return SeedRange{.first = 1, .count = scope.seeds, .jobs = scope.jobs};
  std::optional<std::uint64_t> seed = scope.recorded(cells);
  if (!seed) return std::nullopt;
  return SeedRange{.first = *seed, .count = 1, .jobs = 1};
}

std::vector<std::string> workloads_of(const System& system, const Catalogues& catalogues) {
  std::vector<std::string> names;
  for (const Workload& workload : catalogues.workloads.all()) {
    if (speaks(system, workload)) names.push_back(workload.name);
  }
  auto rank = [](const std::string& name) {
    return name == "register" ? 0 : name == "multi-register" ? 1 : 2;
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return names;
}

Plan plan_of(const System& system, const Wanted& wanted, const Scope& scope) {
  RunRequest request;
  request.system = system.name;
  request.workload = wanted.workload;
  if (request.workload.empty()) request.workload = workloads_of(system, scope.catalogues).front();
  request.nemeses = wanted.faults.empty() ? system.faults : wanted.faults;
  request.world = "sim";
  request.time_limit = scope.time_limit;
  request.time_budget = "10s";  // a search that takes longer is rarely what finds a flaw
  request.claim = wanted.claim;
  if (!wanted.flaw.empty()) request.flaws = {wanted.flaw};
  request.set = wanted.set;
  request.quiet = true;
  Result<Plan> plan = make_plan(request, scope.catalogues);
  ASSERT_MSG(plan, system.name + ": " + plan.error().context);
  return *std::move(plan);
}

bool only_undecided(const Verdict& verdict) {
  bool claim_is_open = false;
  for (const Verdict& part : verdict.parts) {
    if (part.validity == Validity::valid) continue;
    if (part.checker != "claim" || part.validity != Validity::unknown) return false;
    claim_is_open = true;
  }
  return claim_is_open;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

const std::vector<Table>& tables() {
  static const std::vector<Table> all{
      {"notes", "Mistakes of the notes' listings",
       "Each listing of the notes that this project implements, as a flaw of the system that it "
       "belongs to: the first seed that caught it, as what, and what its repaired twin, the system "
       "without the flaw, came to on that seed. no-progress: no operation was ok after healing, or "
       "none for 2.5 s and three times as long as in the twin.",
       {"system", "listing", "flaw", "workload", "seed", "caught as", "repaired twin", "mistake"},
       note_rows},
      {"flaws", "Mistakes that real systems shipped",
       "The same of all other flaws.",
       {"system", "flaw", "workload", "seed", "caught as", "repaired twin", "mistake"},
       flaw_rows},
      {"sound", "The systems without flaws",
       "Every system under every workload that it speaks, the first one with other options too, "
       "under all faults of its fault model. A run that shows nothing is unknown, never valid.",
       {"system", "options", "workload", "faults", "claim", "each", "seeds", "valid",
        "unknown", "invalid"},
       sound_rows},
      {"limits", "What the systems do not promise",
       "Each system judged by a stronger model than it claims, or by its claim without one of the "
       "assumptions that this rests on: the first seed that refuted it.",
       {"system", "assumption lifted", "judged as", "options", "workload", "faults", "seed",
        "refuted as"},
       limit_rows},
      {"speed", "How fast the systems are simulated",
       "One thread, 200 operations a second, all faults of the fault model, invariants and checks "
       "included: virtual seconds for each second of CPU time.",
       {"system", "workload", "nodes", "each", "seeds", "times real time",
        "messages a second", "ok operations"},
       speed_rows}};
  return all;
}

}  // namespace sunder::survey
