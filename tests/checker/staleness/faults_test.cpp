#include "checker/staleness/faults.h"

#include <gtest/gtest.h>

#include "harness/api/nemesis.h"

namespace sunder::staleness {
namespace {

/// Feeds the completion of a fault's op, with its invocation a nanosecond before.
class Scene {
 public:
  Scene& fault(std::int64_t time, int nemesis, const char* kind, bool on) {
    Value report = to_value(FaultReport{kind, {"n1"}, on, true, {}});
    return op(time - 1, -1 - nemesis, "act", Phase::invoke, {})
        .op(time, -1 - nemesis, "act", Phase::ok, std::move(report));
  }
  Scene& op(std::int64_t time, int process, const char* verb, Phase phase, Value value) {
    builder_.add(Op{.time = instant_at(time),
                    .process = Process{process},
                    .phase = phase,
                    .verb = verb,
                    .value = std::move(value)});
    return *this;
  }
  FaultWatch watch(std::int64_t last) {
    FaultWatch watch;
    History history = builder_.take();
    for (std::size_t i = 0; i < history.size(); ++i) watch.feed(history[i]);
    watch.finish(instant_at(last));
    return watch;
  }

 private:
  HistoryBuilder builder_;
};

TEST(FaultWatch, times_are_half_open) {
  Times times{{10, 20}, {30, 40}};
  EXPECT_FALSE(within(times, 9));
  EXPECT_TRUE(within(times, 10));
  EXPECT_TRUE(within(times, 19));
  EXPECT_FALSE(within(times, 20));
  EXPECT_TRUE(within(times, 39));
  EXPECT_FALSE(within(times, 40));
  EXPECT_FALSE(within({}, 0));
}

TEST(FaultWatch, overlapping_faults_of_one_kind_are_one_time) {
  FaultWatch watch = Scene()
                         .fault(11, 0, "kill", true)
                         .fault(21, 1, "kill", true)
                         .fault(31, 0, "kill", false)
                         .fault(41, 1, "kill", false)
                         .fault(51, 0, "pause", true)
                         .fault(61, 0, "pause", false)
                         .watch(100);
  ASSERT_EQ(watch.times().size(), 2U);
  EXPECT_EQ(watch.times().at("kill"), (Times{{10, 41}}));
  EXPECT_EQ(watch.times().at("pause"), (Times{{50, 61}}));
  EXPECT_EQ(watch.unrest(), "");
  EXPECT_EQ(watch.quiet().position, 11);
}

TEST(FaultWatch, a_fault_that_was_never_lifted_lasts_to_the_end) {
  FaultWatch watch = Scene().fault(11, 0, "kill", true).watch(100);
  EXPECT_EQ(watch.times().at("kill"), (Times{{10, 100}}));
  EXPECT_EQ(watch.unrest(), "A fault of kind kill was never lifted.");
}

TEST(FaultWatch, with_control_ops_only_a_verified_healing_counts) {
  for (Phase phase : {Phase::ok, Phase::info}) {
    FaultWatch watch = Scene()
                           .op(1, -2, "await-ready", Phase::ok, {})
                           .fault(11, 0, "kill", true)
                           .fault(21, 0, "kill", false)
                           .op(30, -2, "verify-healed", phase, {})
                           .op(40, -2, "await-ready", Phase::ok, {})
                           .watch(100);
    EXPECT_EQ(watch.unrest().empty(), phase == Phase::ok);
    EXPECT_EQ(watch.quiet().at, 40);
  }
}

}  // namespace
}  // namespace sunder::staleness
