// Gilbert and Lynch's trade, measured ("Brewer's Conjecture and the Feasibility of Consistent,
// Available, Partition-Tolerant Web Services", SIGACT News 2002): the same load on a consistent
// system and on an available one, with one partition that cuts a minority's clients off as well.

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"

namespace sunder {
namespace {

using Set = std::vector<std::string>;

const Set pinned{"sessions=pinned"};
const Set available{"sessions=pinned", "sloppy=true", "r=1", "w=1"};

SimulatedRun run(const std::string& system, Set set, const std::string& nemeses, std::uint64_t seed,
                 const std::string& claim = {}) {
  RunRequest request{.system = system, .workload = "multi-register", .nemeses = nemeses};
  request.world = "sim";
  request.interval = "10s";
  request.cut_clients = true;
  request.claim = claim;
  request.set = std::move(set);
  if (nemeses == "partition") request.set.emplace_back("shape=majority-minority");
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request, catalogues);
  EXPECT_TRUE(plan) << plan.error().context;
  return simulate(*plan, seed);
}

const Verdict& part(const SimulatedRun& run, std::string_view checker) {
  for (const Verdict& verdict : run.verdict.parts) {
    if (verdict.checker == checker) return verdict;
  }
  ADD_FAILURE() << "no verdict of " << checker;
  return run.verdict;
}

/// What the clients of the smaller and of the larger side got while a fault was on.
struct Served {
  std::int64_t asked = 0;
  std::int64_t ok = 0;
  std::int64_t per_mille() const { return asked == 0 ? -1 : ok * 1000 / asked; }
};
struct Sides {
  Served minority;
  Served majority;
};

Sides of_first_fault(const SimulatedRun& run) {
  const Value* faults = part(run, "availability").detail.find("faults");
  EXPECT_FALSE(faults->list().empty());
  const Value& fault = faults->list().at(0);
  EXPECT_EQ(*fault.find("confirmed"), Value(true));
  Sides sides;
  std::size_t smaller = 99;
  for (const Value& side : fault.find("sides")->list()) {
    std::size_t nodes = side.find("nodes")->list().size();
    const Value* during = side.find("during");
    Served served{during->find("invoked")->integer(), during->find("ok")->integer()};
    if (nodes < smaller)
      sides.majority = std::exchange(sides.minority, served);
    else
      sides.majority = served;
    smaller = std::min(smaller, nodes);
  }
  return sides;
}

void expect_recovered(const SimulatedRun& run) {
  const Verdict& recovery = part(run, "recovery");
  EXPECT_EQ(recovery.validity, Validity::valid) << recovery.summary;
  const Value* after = recovery.detail.find("first_ok_after_healing");
  ASSERT_NE(after, nullptr) << recovery.summary;
  EXPECT_LT(after->integer(), 1'000'000'000);
}

TEST(Cap, AConsistentSystemServesNobodyInAMinority) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& [system, set] : std::map<std::string, Set>{{"abd", pinned}, {"raft", {}}}) {
      SimulatedRun one = run(system, set, "partition", seed);
      EXPECT_EQ(one.verdict.validity, Validity::valid) << system << ": " << one.verdict.summary;
      Sides sides = of_first_fault(one);
      EXPECT_GE(sides.minority.asked, 4) << system;
      EXPECT_EQ(sides.minority.ok, 0) << system;
      EXPECT_GE(sides.majority.asked, 500) << system;
      EXPECT_GT(sides.majority.per_mille(), 990) << system;
      expect_recovered(one);
    }
  }
}

TEST(Cap, AnAvailableSystemServesBothSidesAndIsNotLinearizable) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SimulatedRun one = run("dynamo", available, "partition", seed);
    EXPECT_EQ(one.verdict.validity, Validity::valid) << one.verdict.summary;
    Sides sides = of_first_fault(one);
    EXPECT_GE(sides.minority.asked, 200);
    EXPECT_GT(sides.minority.per_mille(), 990);
    EXPECT_GT(sides.majority.per_mille(), 990);
    expect_recovered(one);
    if (seed > 1) continue;  // the same run once more, and a refutation is told at length
    SimulatedRun judged = run("dynamo", available, "partition", seed, "linearizable");
    EXPECT_EQ(judged.verdict.validity, Validity::invalid);
    EXPECT_EQ(judged.record.digest, one.record.digest);
  }
}

// Without a network between servers there is nothing to cut: it is consistent and available for as
// long as its only node is up.
TEST(Cap, ASingleServerHasNeitherSideAndFailsAsAWhole) {
  SimulatedRun calm = run("single", {}, "none", 1);
  EXPECT_EQ(calm.verdict.validity, Validity::valid) << calm.verdict.summary;
  const Value* no_fault = part(calm, "availability").detail.find("no_fault");
  EXPECT_GT(no_fault->find("ok_per_mille")->integer(), 990);
  SimulatedRun killed = run("single", {}, "kill", 1);
  EXPECT_EQ(killed.verdict.validity, Validity::valid) << killed.verdict.summary;
  const Value& fault = part(killed, "availability").detail.find("faults")->list().at(0);
  EXPECT_EQ(fault.find("sides")->list().at(0).find("during")->find("ok")->integer(), 0);
  expect_recovered(killed);
}

}  // namespace
}  // namespace sunder
