// Swaps of nodes for another version, against an imagined cluster and in the simulator.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

Value to(const char* targets) {
  Map map;
  map["targets"] = targets;
  return map;
}

class Swaps : public ::testing::Test {
 protected:
  void SetUp() override {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    swap_ = *all.find("swap");
  }
  Outcome swap(const char* targets) { return cluster_.apply(swap_, rng_, "swap", to(targets)); }
  Outcome back() { return cluster_.apply(swap_, rng_, "swap-back"); }
  std::string left() {
    FaultScene scene{cluster_, rng_};
    std::vector<NodeReport> reports;
    for (int i = 0; i < 3; ++i) reports.push_back(cluster_.report(i));
    return swap_.left(reports, scene);
  }

  FakeCluster cluster_{3};
  Rng rng_{11, Stream::of("test")};
  Nemesis swap_;
};

TEST_F(Swaps, RestartNodesAsAnotherVersionAndBack) {
  Outcome outcome = swap("n1,n3");
  EXPECT_EQ(outcome.phase, Phase::ok) << outcome.why;
  EXPECT_EQ(cluster_.report(0).version, Version::other);
  EXPECT_EQ(cluster_.report(1).version, Version::usual);
  EXPECT_EQ(cluster_.report(0).starts, 2);
  EXPECT_EQ(to_json(*outcome.value.find("evidence")->find("versions")),
            R"({"n1":"other","n2":"usual","n3":"other"})");
  EXPECT_EQ(left(), "n1 still runs the other version");
  Outcome restored = back();
  EXPECT_EQ(restored.phase, Phase::ok) << restored.why;
  EXPECT_EQ(to_json(*restored.value.find("targets")), R"(["n1","n3"])");
  EXPECT_EQ(cluster_.report(0).version, Version::usual);
  EXPECT_EQ(cluster_.report(1).starts, 1) << "it was never swapped";
  EXPECT_EQ(left(), "");
}

TEST_F(Swaps, ThatLeaveTheVersionAsItWasAreNotConfirmed) {
  cluster_.same_version_again = true;
  Outcome outcome = swap("all");
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(cluster_.report(0).starts, 2) << "it was restarted, but that is not what counts";
}

TEST_F(Swaps, OfNodesThatDoNotEndAreNotConfirmed) {
  cluster_.dead = true;
  EXPECT_EQ(swap("n2").phase, Phase::info);
}

TEST_F(Swaps, HaveNobodyToSwapWhereNobodyRuns) {
  for (int i = 0; i < 3; ++i) cluster_.report(i).process = ProcessState::stopped;
  EXPECT_EQ(swap("all").why, "no node is running");
}

TEST_F(Swaps, StartAgainWhatEndedAsTheOtherVersion) {
  EXPECT_EQ(swap("n1").phase, Phase::ok);
  for (int i : {0, 1}) {
    cluster_.report(i).process = ProcessState::stopped;
    cluster_.report(i).version.reset();
  }
  EXPECT_EQ(back().phase, Phase::ok);
  EXPECT_EQ(cluster_.report(0).version, Version::usual);
  EXPECT_EQ(cluster_.report(0).process, ProcessState::running);
  EXPECT_EQ(cluster_.report(1).process, ProcessState::stopped) << "that was another fault's";
}

RunRequest request_with(std::vector<std::string> set) {
  RunRequest request{.system = "raft", .nemeses = "swap,kill", .world = "sim"};
  request.time_limit = "20s";
  request.interval = "1s";
  request.set = std::move(set);
  return request;
}

std::size_t invalid_runs(const std::vector<std::string>& set, std::uint64_t seeds) {
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request_with(set), catalogues);
  if (!plan) {
    ADD_FAILURE() << plan.error().context;
    return 0;
  }
  std::size_t invalid = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SimulatedRun run = simulate(*plan, seed);
    if (run.verdict.validity == Validity::invalid) ++invalid;
    std::size_t swaps = 0;
    for (const FaultWindow& window : fault_windows(run.history)) {
      if (window.kind == "swap" && window.confirmed) ++swaps;
    }
    EXPECT_GT(swaps, 1u) << "seed " << seed;
    if (invalid == 0) {
      EXPECT_EQ(run.verdict.validity, Validity::valid) << run.verdict.summary;
    }
  }
  return invalid;
}

TEST(SimulatedSwaps, BetweenSoundVersionsAreSurvived) {
  EXPECT_EQ(invalid_runs({}, 5), 0u);
  EXPECT_EQ(invalid_runs({"swap.set=snapshot-every=50,read=log", "swap.targets=all"}, 5), 0u);
  EXPECT_EQ(invalid_runs({"swap.set=elastic=true", "snapshot-every=50"}, 5), 0u)
      << "either version reads the other's snapshots";
}

TEST(SimulatedSwaps, ForAFlawedVersionAreRefuted) {
  EXPECT_GT(invalid_runs({"swap.flaw=no-sync", "swap.targets=majority"}, 10), 0u);
}

TEST(SimulatedSwaps, AreSettledBeforeTheRun) {
  Catalogues catalogues = all_catalogues();
  auto refusal = [&](std::vector<std::string> set) {
    Result<Plan> plan = make_plan(request_with(std::move(set)), catalogues);
    return plan ? std::string("none") : plan.error().context;
  };
  EXPECT_EQ(refusal({}), "none");
  EXPECT_NE(refusal({"swap.flaw=no-such"}).find("raft has no flaw 'no-such'"), std::string::npos);
  EXPECT_NE(refusal({"swap.set=no-such=1"}).find("no-such"), std::string::npos);
  EXPECT_NE(refusal({"swap.set=read"}).find("is not KEY=VALUE"), std::string::npos);
  EXPECT_NE(refusal({"swap.program=/bin/true"}).find("the simulator executes no programs"),
            std::string::npos);
}

}  // namespace
}  // namespace sunder
