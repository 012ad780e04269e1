// Whom faults strike and when, over whole runs: budgets and triggers, seen from outside through
// what happens to the simulated nodes.

#include <gtest/gtest.h>

#include "harness/api/checker.h"
#include "harness/api/fault_budget.h"
#include "harness/cli/plan.h"
#include "harness/run/run_loop.h"
#include "harness/sim/world.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

std::vector<NodeId> nodes(std::initializer_list<int> indexes) {
  std::vector<NodeId> list;
  for (int index : indexes) list.push_back(NodeId::node(index));
  return list;
}

TEST(Budget, LeavesAMajority) {
  std::vector<NodeId> five = nodes({0, 1, 2, 3, 4});
  FaultBudget budget(FaultLimit::quorum, five);
  Rng rng(1, Stream::of("test"));
  EXPECT_EQ(budget.book("kill", nodes({0}), five, rng), nodes({0}));
  EXPECT_EQ(budget.book("pause", nodes({1, 2, 3, 4}), five, rng).size(), 1u);
  EXPECT_EQ(budget.sound(), 3u);
  EXPECT_EQ(budget.book("cut", nodes({1, 2, 3, 4}), five, rng).size(), 1u);  // the paused one
  EXPECT_EQ(budget.sound(), 3u);
  EXPECT_EQ(budget.book("cut", nodes({0}), five, rng), nodes({0}));  // it is broken already
  budget.release("kill");
  EXPECT_EQ(budget.sound(), 3u);
  budget.release("cut");
  EXPECT_EQ(budget.sound(), 4u);
  EXPECT_EQ(budget.book("kill", nodes({0}), five, rng), nodes({0}));
}

TEST(Budget, AMinorityIsBrokenExactly) {
  std::vector<NodeId> five = nodes({0, 1, 2, 3, 4});
  Rng rng(1, Stream::of("test"));
  for (const auto& wanted : {nodes({3}), nodes({1, 2}), nodes({0, 1, 2}), five}) {
    FaultBudget budget(FaultLimit::minority, five);
    EXPECT_EQ(budget.book("kill", wanted, five, rng).size(), 2u);
  }
}

TEST(Budget, LinksCountByWhomTheyCutOff) {
  FaultBudget budget(FaultLimit::quorum, nodes({0, 1, 2, 3, 4}));
  auto between = [](std::vector<int> here, std::vector<int> there) {
    std::vector<Link> links;
    for (int a : here) {
      for (int b : there) links.push_back({NodeId::node(a), NodeId::node(b)});
    }
    return links;
  };
  EXPECT_TRUE(budget.book("partition", between({0, 1}, {2, 3, 4})));  // one way is enough
  EXPECT_EQ(budget.sound(), 3u);
  Rng rng(1, Stream::of("test"));
  EXPECT_TRUE(budget.book("kill", nodes({2}), {}, rng).empty());
  EXPECT_EQ(budget.book("kill", nodes({0, 2}), {}, rng), nodes({0}));  // it is cut off already
  EXPECT_TRUE(budget.book("partition", between({0}, {1, 2, 3, 4})));  // replaces the other
  EXPECT_EQ(budget.sound(), 4u);
  EXPECT_FALSE(budget.book("partition", between({0, 1}, {2})) &&
               budget.book("partition", between({1, 2}, {3, 4})));
}

/// A simulated run, watched: every event of its nodes is seen.
struct Played {
  History history;
  std::size_t most_broken = 0;
  std::vector<std::pair<Instant, NodeId>> new_leaders;
  std::vector<std::pair<Instant, NodeId>> pauses;
};

Played play(const std::string& nemeses, std::vector<std::string> set, std::uint64_t seed) {
  RunRequest request{.system = "raft", .nemeses = nemeses, .world = "sim", .time_limit = "30s"};
  request.set = std::move(set);
  request.interval = "1s";
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request, catalogues);
  if (!plan) {
    ADD_FAILURE() << plan.error().context;
    return {};
  }
  Test test = make_test(*plan, seed);
  Played played;
  std::set<NodeId> broken;
  SimWorld world(test, SimOptions{.trace = [&](Instant time, NodeId node, const Event& event) {
    if (event.kind == "killed" || event.kind == "terminated" || event.kind == "paused") {
      broken.insert(node);
    }
    if (event.kind == "started" || event.kind == "resumed") broken.erase(node);
    played.most_broken = std::max(played.most_broken, broken.size());
    if (event.kind == "leader") played.new_leaders.emplace_back(time, node);
    if (event.kind == "paused") played.pauses.emplace_back(time, node);
  }});
  played.history = run(test, world, RunHooks{});
  return played;
}

std::size_t confirmed(const History& history) {
  std::size_t count = 0;
  for (const FaultWindow& window : fault_windows(history)) count += window.confirmed ? 1u : 0u;
  return count;
}

TEST(Budget, HoldsOverAllFaultsOfARun) {
  std::string many = "kill,pause,terminate,crash-loop,gc-pause,rolling-restart,power-cut";
  for (const char* limit : {"quorum", "minority"}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Played played = play(many, {std::string("budget=") + limit}, seed);
      EXPECT_EQ(played.most_broken, 2u) << limit << ", seed " << seed;
      EXPECT_GT(confirmed(played.history), 10u) << limit << ", seed " << seed;
    }
  }
  EXPECT_EQ(play(many, {}, 1).most_broken, 5u);
}

TEST(Trigger, ANewLeaderIsPausedWithinFiftyMilliseconds) {
  std::size_t paused = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Played played = play("pause,kill", {"pause.when=leader-change", "pause.targets=leader",
                                        "kill.targets=leader"}, seed);
    for (const auto& [time, node] : played.pauses) {
      bool soon = false;
      for (const auto& [led_at, leader] : played.new_leaders) {
        soon = soon || (leader == node && time >= led_at && time - led_at <= 50ms);
      }
      EXPECT_TRUE(soon) << to_string(node) << " at " << nanoseconds(time) << ", seed " << seed;
      ++paused;
    }
    EXPECT_GT(confirmed(played.history), 5u);
  }
  EXPECT_GT(paused, 20u);
}

TEST(Trigger, TheWindowOfAFaultBeginsWhenItStrikes) {
  Played played = play("pause,kill", {"pause.when=leader-change", "pause.targets=leader",
                                      "kill.targets=leader"}, 1);
  for (const FaultWindow& window : fault_windows(played.history)) {
    if (window.kind != "pause" || !window.confirmed) continue;
    bool near = false;
    for (const auto& [time, node] : played.pauses) {
      near = near || std::chrono::abs(time - window.begin) < 150ms;
    }
    EXPECT_TRUE(near) << nanoseconds(window.begin);
  }
}

}  // namespace
}  // namespace sunder
