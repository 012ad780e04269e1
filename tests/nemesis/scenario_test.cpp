// Schedules that are written down or drawn for a whole run: scenarios and swarms.

#include <gtest/gtest.h>

#include <fstream>

#include "harness/api/checker.h"
#include "harness/cli/simulate.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

std::string error_of(const std::string& text) {
  Result<Scenario> scenario = Scenario::parse(text, "s.json");
  return scenario ? "" : scenario.error().context;
}

TEST(Scenario, ErrorsNameTheLine) {
  auto begins = [](const std::string& text, const std::string& with) {
    std::string error = error_of(text);
    EXPECT_TRUE(error.starts_with(with)) << error;
  };
  begins("[{\"at\": \"1s\",\n \"for\" \"2s\"}]", "s.json: line 2");
  begins("{}", "s.json: line 1: a scenario is a list");
  begins("[\n{\"at\": \"1s\"}]", "s.json: line 2: an entry names its \"fault\"");
  begins("[{\"fault\": \"kill\",\n\"at\": \"soon\"}]", "s.json: line 2: \"at\": ");
  begins("[{\"at\": 1, \"fault\": \"kill\"},\n\n{\"at\": 2,\n\"falt\": \"kill\"}]",
         "s.json: line 3: an entry names");
  begins("[{\"at\": 1, \"fault\": \"kill\",\n\"wen\": 1}]", "s.json: line 2: unknown key \"wen\"");
  begins("[{\"at\": 1, \"fault\": \"kill\",\n\"targets\": [\"c1\"]}]",
         "s.json: line 2: \"targets\" lists nodes");
  begins("[{\"at\": 1, \"fault\": \"kill\", \"set\":\n 3}]", "s.json: line 1: \"set\" is");
  begins("[{\"at\": 1, \"fault\": \"kill\", \"for\": \"3s\"},\n{\"at\": 2, \"fault\": \"kill\"}]",
         "s.json: line 2: this 'kill' begins while the one of s.json: line 1");
  EXPECT_EQ(error_of("[{\"at\": 1, \"fault\": \"kill\", \"for\": 3},"
                     "{\"at\": \"4s\", \"fault\": \"kill\"}]"), "");
}

TEST(Scenario, BracesAndQuotesInTextsMoveNoLine) {
  Result<Scenario> scenario = Scenario::parse(
      "[{\"at\": 1, \"fault\": \"a\\\"{[b\",\n\"set\": {\"x\": \"}\"}},\n"
      "{\"at\": 2, \"fault\": \"c\"}]", "s.json");
  ASSERT_TRUE(scenario) << scenario.error().context;
  EXPECT_EQ(scenario->entries[0].place("set"), "s.json: line 2");
  EXPECT_EQ(scenario->entries[1].place(), "s.json: line 3");
}

/// A plan of a scenario that stands in a file while it is read.
Result<Plan> planned(const Catalogues& catalogues, const std::string& text,
                     std::string world = "sim") {
  std::string file = testing::TempDir() + "sunder-scenario.json";
  std::ofstream(file) << text;
  RunRequest request{.system = "raft", .scenario = file, .world = std::move(world)};
  request.time_limit = "20s";
  Result<Plan> plan = make_plan(request, catalogues);
  std::remove(file.c_str());
  return plan;
}

TEST(Scenario, FaultsMustFitTheWorldAndTheCluster) {
  Catalogues catalogues = all_catalogues();
  auto refused = [&](const std::string& text, const std::string& world, const std::string& why) {
    Result<Plan> plan = planned(catalogues, text, world);
    ASSERT_FALSE(plan) << text;
    EXPECT_NE(plan.error().context.find(why), std::string::npos) << plan.error().context;
  };
  refused("[{\"at\": 1,\n\"fault\": \"kil\"}]", "sim", "line 2: unknown fault 'kil'");
  refused("[{\"at\": 1, \"fault\": \"disk\"}]", "sim", "line 1: the sim world cannot do 'disk'");
  refused("[{\"at\": 1, \"fault\": \"kill\",\n\"targets\": [\"n9\"]}]", "sim",
          "line 2: there is no n9 among 5 nodes");
  refused("[{\"at\": 1, \"fault\": \"kill\",\n\"targets\": \"boss\"}]", "sim", "line 2: 'kill'");
  refused("[{\"at\": 1, \"fault\": \"power-cut\",\n\"targets\": \"one\"}]", "sim",
          "line 2: 'power-cut' takes no targets");
  refused("[{\"at\": 30, \"fault\": \"kill\"}]", "sim", "this never comes");
}

TEST(Scenario, FaultsComeWhenTheyAreSaidToAndStrikeWhomTheyAreSaidTo) {
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = planned(catalogues, R"([
      {"at": "1s", "fault": "partition", "targets": ["n4", "n1"], "for": "2s"},
      {"at": "2s", "fault": "kill", "targets": ["n1", "n2"], "for": "1500ms"},
      {"at": "6s", "fault": "gc-pause", "targets": "leader", "set": {"around": "900ms"}},
      {"at": "9s", "fault": "clock-freeze", "targets": "all", "for": "3s"},
      {"at": "15s", "fault": "kill", "targets": ["n5"]}])");
  ASSERT_TRUE(plan) << plan.error().context;
  SimulatedRun run = simulate(*plan, 7);
  EXPECT_EQ(run.verdict.validity, Validity::valid) << run.verdict.summary;
  std::vector<FaultWindow> windows = fault_windows(run.history);
  ASSERT_EQ(windows.size(), 5u);
  Instant load = windows[0].begin - 1s;
  auto about = [](Duration is, Duration meant) { return std::chrono::abs(is - meant) < 300ms; };
  std::vector<std::pair<std::string, Duration>> begins = {
      {"partition", 1s}, {"kill", 2s}, {"gc-pause", 6s}, {"clock-freeze", 9s}, {"kill", 15s}};
  for (std::size_t i = 0; i < begins.size(); ++i) {
    EXPECT_EQ(windows[i].kind, begins[i].first);
    EXPECT_TRUE(windows[i].confirmed) << begins[i].first;
    EXPECT_EQ(windows[i].begin - load, begins[i].second) << begins[i].first;
  }
  EXPECT_TRUE(about(windows[0].end - load, 3s));
  EXPECT_TRUE(about(windows[1].end - load, 3500ms));
  EXPECT_GE(windows[4].end - load, 20s);  // until the recovery
  EXPECT_EQ(windows[1].targets, (std::vector<std::string>{"n1", "n2"}));
  EXPECT_EQ(windows[4].targets, std::vector<std::string>{"n5"});
  EXPECT_EQ(to_json(*windows[0].evidence.find("groups")), R"([["n1","n4"],["n2","n3","n5"]])");
}

TEST(Swarm, EachSeedDrawsSomeOfTheFaults) {
  RunRequest request{.system = "raft", .nemeses = "swarm", .world = "sim"};
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_TRUE(plan) << plan.error().context;
  ASSERT_GT(plan->test.nemeses.size(), 10u);
  for (const Nemesis& nemesis : plan->test.nemeses) EXPECT_NE(nemesis.name, "wipe");
  std::vector<std::size_t> acted(plan->test.nemeses.size());
  std::set<Duration> intervals;
  std::set<std::vector<bool>> subsets;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::vector<Intensity> drawn = intensities(*plan, seed);
    std::vector<bool> subset;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      subset.push_back(drawn[i].acts);
      acted[i] += drawn[i].acts ? 1 : 0;
      intervals.insert(drawn[i].interval);
    }
    EXPECT_TRUE(std::find(subset.begin(), subset.end(), true) != subset.end()) << seed;
    subsets.insert(subset);
  }
  for (std::size_t count : acted) {
    EXPECT_GT(count, 40u);
    EXPECT_LT(count, 100u);
  }
  EXPECT_EQ(intervals.size(), 4u);
  EXPECT_GT(subsets.size(), 150u);
}

TEST(Swarm, DrawsFromTheNamedOnes) {
  RunRequest request{.system = "raft", .nemeses = "swarm,kill,pause", .world = "sim"};
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request, catalogues);
  ASSERT_TRUE(plan) << plan.error().context;
  ASSERT_EQ(plan->test.nemeses.size(), 2u);
  std::set<std::string> kinds;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SimulatedRun run = simulate(*plan, seed);
    EXPECT_EQ(run.record.digest, simulate(*plan, seed).record.digest);
    for (const FaultWindow& window : fault_windows(run.history)) kinds.insert(window.kind);
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"kill", "pause"}));
}

}  // namespace
}  // namespace sunder
