// Stories about one simulated machine: how its process ends, what its disk keeps, how its clock is.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SimMachine, ATerminatedProcessKeepsWhatItWrote) {
  for (bool gently : {true, false}) {
    Script script;
    std::uint64_t records = 0;
    script.start = [&](Runtime& runtime) {
      records = runtime.storage().log_end();
      for (int i = 0; i < 100; ++i) runtime.storage().append("never synced");
    };
    auto test = scripted_test(script, 1, 3);
    Hand hand(test);
    SimWorld world(test, SimOptions{.crash = CrashPolicy::none});
    pass(world, seconds(1));
    hand.reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
      auto strike = gently ? &Cluster::terminate : &Cluster::kill;
      (cluster.*strike)(NodeId::node(0),
                        [complete](const Status&) { complete(Outcome::ok({})); });
    });
    NodeReport ended = hand.survey(world)[0];
    EXPECT_EQ(ended.process, ProcessState::stopped);
    EXPECT_EQ(ended.ended, gently ? "exit 0" : "signal 9");
    EXPECT_EQ(ended.starts, 1);
    hand.start(world, 0);
    pass(world, seconds(1));
    EXPECT_EQ(records, gently ? 100u : 0u);
    EXPECT_EQ(hand.survey(world)[0].starts, 2);
  }
}

TEST(SimMachine, APausedProcessEndsWhenItGoesOn) {
  auto test = counter_test(1, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(100));
  hand.pause(world, 0);
  auto terminate = [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.terminate(NodeId::node(0), [complete](const Status&) { complete(Outcome::ok({})); });
  };
  hand.reach(world, terminate);
  pass(world, seconds(1));
  NodeReport paused = hand.survey(world)[0];
  EXPECT_EQ(paused.process, ProcessState::paused);
  EXPECT_GE(paused.stood_still, seconds(1));
  hand.resume(world, 0);
  EXPECT_EQ(hand.survey(world)[0].process, ProcessState::stopped);
}

TEST(SimMachine, AWipedNodeComesBackWithNothing) {
  Script script;
  std::uint64_t records = 0;
  bool keyed = false;
  script.start = [&](Runtime& runtime) {
    records = runtime.storage().log_end();
    keyed = runtime.storage().get("k") != nullptr;
    runtime.storage().append("a");
    runtime.storage().put("k", "v");
    runtime.storage().sync();
  };
  auto test = scripted_test(script, 1, 3);
  Hand hand(test);
  SimWorld world(test);
  pass(world, seconds(1));
  auto wipe = [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.wipe(NodeId::node(0), [complete](const Result<Erased>& erased) {
      if (!erased) return complete(Outcome::fail(erased.error().context));
      complete(Outcome::ok(Value::pair(erased->erased, erased->left)));
    });
  };
  EXPECT_EQ(hand.reach(world, wipe).why, "n1 still runs");
  hand.kill(world, 0);
  EXPECT_EQ(hand.reach(world, wipe).value, Value::pair(2, 0));
  hand.start(world, 0);
  pass(world, seconds(1));
  EXPECT_EQ(records, 0u);
  EXPECT_FALSE(keyed);
  hand.kill(world, 0);
  hand.start(world, 0);
  pass(world, seconds(1));
  EXPECT_EQ(records, 1u);
  EXPECT_TRUE(keyed);
}

TEST(SimMachine, ABentWallClockLeavesTheMonotonicOneAlone) {
  Script script;
  WallTime wall;
  Instant monotonic;
  script.start = [](Runtime& runtime) { runtime.start_timer(milliseconds(10)); };
  script.timer = [&](Runtime& runtime, Timer) {
    wall = runtime.wall_now();
    monotonic = runtime.now();
    runtime.start_timer(milliseconds(10));
  };
  auto test = scripted_test(script, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, seconds(1));
  auto bend = [&](ClockCourse course) {
    hand.reach(world, [course](Cluster& cluster, std::function<void(Outcome)> complete) {
      cluster.bend_clock(NodeId::node(0), course,
                         [complete](const Status&) { complete(Outcome::ok({})); });
    });
    WallTime wall_before = wall;
    Instant monotonic_before = monotonic;
    pass(world, seconds(10));
    EXPECT_NEAR(static_cast<double>(nanoseconds(monotonic - monotonic_before)), 10e9, 0.02e9);
    return wall - wall_before;
  };
  auto about = [](Duration passed, Duration meant) {
    return std::chrono::abs(passed - meant) < milliseconds(30);
  };
  EXPECT_TRUE(about(bend({.rate_ppm = -1'000'000}), seconds(0)));
  EXPECT_TRUE(about(bend({.rate_ppm = 500'000}), seconds(15)));
  EXPECT_TRUE(about(bend({.rate_ppm = 100'000, .gain_most = milliseconds(200)}),
                    milliseconds(10'200)));
  EXPECT_TRUE(about(bend({}), seconds(10)));  // what was gained stays
  EXPECT_TRUE(about(hand.survey(world)[0].clock_offset, milliseconds(-4800)));
  bend({.strobe = seconds(5), .strobe_period = milliseconds(100)});
  bend({});  // a strobe leaves nothing behind
  EXPECT_TRUE(about(hand.survey(world)[0].clock_offset, milliseconds(-4800)));
  hand.reach(world, [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.reset_clock(NodeId::node(0), [complete](const Status&) { complete(Outcome::ok({})); });
  });
  EXPECT_TRUE(about(hand.survey(world)[0].clock_offset, Duration{0}));
}

}  // namespace
}  // namespace sunder::testing
