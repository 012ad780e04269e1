// Damaged and restored disks over whole simulated runs: what a sound Raft takes, and what it never
// promised to take.

#include <gtest/gtest.h>

#include "harness/api/checker.h"
#include "harness/cli/plan.h"
#include "harness/run/run_loop.h"
#include "harness/sim/world.h"

namespace sunder {
namespace {

struct Damaged {
  std::size_t confirmed = 0;
  std::vector<std::string> refusals;  // nodes that would not start on a damaged disk
  bool sound = true;                  // no invariant of the protocol broke
};

Damaged play(const std::string& nemesis, std::vector<std::string> set, std::uint64_t seed) {
  RunRequest request{.system = "raft", .nemeses = nemesis, .world = "sim", .time_limit = "20s"};
  request.interval = "1s";
  request.set = std::move(set);
  Result<Plan> plan = make_plan(request, all_catalogues());
  if (!plan) {
    ADD_FAILURE() << plan.error().context;
    return {};
  }
  Test test = make_test(*plan, seed);
  Damaged damaged;
  SimWorld world(test, SimOptions{.trace = [&](Instant, NodeId node, const Event& event) {
    if (event.kind == "refused") damaged.refusals.push_back(to_string(node));
  }});
  History history = run(test, world, RunHooks{});
  for (const FaultWindow& window : fault_windows(history)) {
    damaged.confirmed += window.confirmed ? 1u : 0u;
  }
  damaged.sound = world.record().broken_invariants.empty();
  return damaged;
}

TEST(DamagedRaft, RefusesToStartAndLosesNothing) {
  for (const char* nemesis : {"bit-rot", "truncate"}) {
    SCOPED_TRACE(nemesis);
    Damaged damaged = play(nemesis, {}, 5);
    EXPECT_GT(damaged.confirmed, 3u);
    EXPECT_GE(damaged.refusals.size(), damaged.confirmed);
    EXPECT_TRUE(damaged.sound);
  }
}

TEST(RestoredRaft, LosesWhatAMajorityHasForgotten) {
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    Damaged restored = play("restore", {"restore.targets=majority"}, seed);
    EXPECT_GT(restored.confirmed, 1u);
    EXPECT_TRUE(restored.refusals.empty());
    EXPECT_FALSE(restored.sound);
  }
}

}  // namespace
}  // namespace sunder
