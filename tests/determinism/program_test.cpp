// The whole program, twice: every reference system under every simulated fault at once, with the
// run loop, the generators, the nemeses and the checkers of a real sweep. The scripts compare the
// digests of `sunder sweep --digests` between compilers; this compares them within one process,
// where leftovers of a former run would show.

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/simulate.h"

namespace sunder {
namespace {

/// The systems that the simulator can run.
std::vector<std::string> reference_systems(const Catalogues& catalogues) {
  std::vector<std::string> names;
  for (const System& system : catalogues.systems.all()) {
    if (system.make_node) names.push_back(system.name);
  }
  return names;
}

/// One that the system speaks, the same for most of them.
std::string workload_of(const Catalogues& catalogues, const std::string& system) {
  const auto& verbs = catalogues.systems.find(system)->verbs;
  for (const char* name : {"register", "multi-register"}) {
    if (verbs.contains(catalogues.workloads.find(name)->datatype)) return name;
  }
  for (const Workload& workload : catalogues.workloads.all()) {
    auto spoken = verbs.find(workload.datatype);
    if (spoken == verbs.end()) continue;
    auto speaks = [&](const std::string& verb) {
      return std::find(spoken->second.begin(), spoken->second.end(), verb) != spoken->second.end();
    };
    bool all = std::all_of(workload.verbs.begin(), workload.verbs.end(), speaks);
    if (all) return workload.name;
  }
  return {};
}

Result<Plan> plan_of(const Catalogues& catalogues, const std::string& system) {
  RunRequest request;
  request.system = system;
  request.workload = workload_of(catalogues, system);
  request.world = "sim";
  request.nemeses = "all";
  request.time_limit = "10s";
  request.interval = "1s";
  request.quiet = true;
  Result<Plan> plan = make_plan(request, catalogues);
  if (!plan) return plan;
  // Where a history stands in the lattice may depend on how much time there was to find out.
  std::erase_if(plan->judges.checkers,
                [](const ChosenChecker& chosen) { return chosen.entry->tells_only; });
  return plan;
}

std::string lines_of(const History& history) {
  std::string lines;
  for (std::size_t i = 0; i < history.size(); ++i) {
    append_json(lines, history[i].op());
    lines += '\n';
  }
  return lines;
}

TEST(Determinism, TheSameSeedsGiveTheSameHistoriesDigestsAndVerdicts) {
  Catalogues catalogues = all_catalogues();
  std::vector<std::string> systems = reference_systems(catalogues);
  ASSERT_FALSE(systems.empty());
  for (const std::string& system : systems) {
    Result<Plan> plan = plan_of(catalogues, system);
    ASSERT_TRUE(plan) << plan.error().context;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SimulatedRun first = simulate(*plan, seed);
      simulate(*plan, seed + 1000);  // whatever it leaves behind must not matter
      SimulatedRun again = simulate(*plan, seed);
      EXPECT_EQ(first.record.digest, again.record.digest) << system << " seed " << seed;
      EXPECT_EQ(lines_of(first.history), lines_of(again.history)) << system << " seed " << seed;
      EXPECT_EQ(to_json(to_value(first.verdict)), to_json(to_value(again.verdict)))
          << system << " seed " << seed;
      EXPECT_GT(first.record.messages, 100u) << system << " seed " << seed;
    }
  }
}

TEST(Determinism, OtherSeedsAreOtherRuns) {
  Catalogues catalogues = all_catalogues();
  for (const std::string& system : reference_systems(catalogues)) {
    Result<Plan> plan = plan_of(catalogues, system);
    ASSERT_TRUE(plan) << plan.error().context;
    std::set<std::string> digests;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      digests.insert(simulate(*plan, seed).record.digest);
    }
    EXPECT_EQ(digests.size(), 5u) << system;
  }
}

}  // namespace
}  // namespace sunder
