// Faults of clocks against an imagined cluster: what counts as proof that a clock went wrong.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/generate/simulate.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> courses = {"clock-drift", "clock-freeze", "clock-slew",
                                          "clock-strobe"};

Nemesis nemesis_named(std::string_view name) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  const Nemesis* found = all.find(name);
  ASSERT(found != nullptr);
  return *found;
}

/// The values of the first begins that its schedule makes.
std::vector<Value> drawn(const Nemesis& nemesis, std::size_t count) {
  NemesisConfig config{*Options::parse(nemesis.options, {}), Process::nemesis(0), 1, 10s};
  auto quick = [](const Op&) { return gen::Answer{Phase::ok, 1ms}; };
  std::vector<Value> values;
  for (const Op& op : gen::simulate(nemesis.schedule(config), {2, 2}, quick, 2 * count)
                          .invocations()) {
    if (op.verb == nemesis.verbs[0]) values.push_back(op.value);
  }
  return values;
}

class Clocks : public ::testing::Test {
 protected:
  Rng rng_{11, Stream::of("test")};
};

TEST_F(Clocks, EveryCourseIsSeenAndSetRight) {
  for (const std::string& name : courses) {
    Nemesis nemesis = nemesis_named(name);
    EXPECT_FALSE(nemesis.in_all);
    std::vector<Value> values = drawn(nemesis, 40);
    ASSERT_EQ(values.size(), 40u);
    FakeCluster cluster(5, 2);
    for (const Value& value : values) {
      EXPECT_EQ(cluster.apply(nemesis, rng_, nemesis.verbs[0], value).phase, Phase::ok)
          << name << " " << to_json(value);
      EXPECT_EQ(cluster.apply(nemesis, rng_, "reset-clock").phase, Phase::ok);
      for (int i = 0; i < 5; ++i) EXPECT_EQ(cluster.offset(i), 0ms);
    }
  }
}

TEST_F(Clocks, ACourseThatNobodySeesIsNotConfirmed) {
  for (const std::string& name : courses) {
    Nemesis nemesis = nemesis_named(name);
    FakeCluster cluster(5, 2);
    cluster.dead = true;
    for (const Value& value : drawn(nemesis, 10)) {
      EXPECT_EQ(cluster.apply(nemesis, rng_, nemesis.verbs[0], value).phase, Phase::info)
          << name << " " << to_json(value);
    }
    cluster.refuses = true;
    EXPECT_EQ(cluster.apply(nemesis, rng_, nemesis.verbs[0]).phase, Phase::fail);
  }
}

TEST_F(Clocks, AClockOnAnotherCourseThanToldIsNotConfirmed) {
  FakeCluster cluster(3);
  cluster.course_instead = ClockCourse{.rate_ppm = -700'000};
  for (const std::string& name : courses) {
    Nemesis nemesis = nemesis_named(name);
    Value value = drawn(nemesis, 1)[0];
    EXPECT_EQ(cluster.apply(nemesis, rng_, nemesis.verbs[0], value).phase, Phase::info) << name;
    cluster.apply(nemesis, rng_, "reset-clock");
  }
}

TEST_F(Clocks, CoursesLastUntilTheyAreReset) {
  FakeCluster cluster(1);
  cluster.apply(nemesis_named("clock-slew"), rng_, "slew-clock",
                Map{{Value("rate_ppm"), Value(100'000)},
                    {Value("gain_most_ns"), Value(nanoseconds(1s))}});
  cluster.pass(60s);
  EXPECT_EQ(std::chrono::abs(cluster.offset(0)), 1s);  // it was led there, and no further
  cluster.apply(nemesis_named("clock"), rng_, "reset-clock");
  cluster.apply(nemesis_named("clock-freeze"), rng_, "freeze-clock",
                Map{{Value("rate_ppm"), Value(-1'000'000)}});
  Duration before = cluster.offset(0);
  cluster.pass(60s);
  EXPECT_EQ(cluster.offset(0) - before, -60s);
}

TEST_F(Clocks, JumpsGoWhereTheyAreSaidTo) {
  Nemesis jump = nemesis_named("clock-jump");
  for (const char* way : {"ahead", "back", "back-over-restart", "2038"}) {
    FakeCluster cluster(3, 1);
    cluster.report(1).clock_offset = 1ms;
    cluster.report(1).read_wall = WallTime{std::chrono::hours(24 * 365 * 55)};
    Map value;
    value["targets"] = "leader";
    value["way"] = way;
    EXPECT_EQ(cluster.apply(jump, rng_, "jump-clock", value).phase, Phase::ok) << way;
    Duration offset = cluster.offset(1);
    EXPECT_GT(std::chrono::abs(offset), 59s);
    EXPECT_EQ(offset > 0s, way == std::string("ahead") || way == std::string("2038")) << way;
    EXPECT_EQ(cluster.report(1).starts, way == std::string("back-over-restart") ? 2 : 1);
    if (way == std::string("2038")) {
      WallTime wall = cluster.report(1).read_wall + offset;
      EXPECT_EQ(wall.time_since_epoch(), (1LL << 31) * 1s - 500ms);
    }
    EXPECT_EQ(cluster.apply(jump, rng_, "reset-clock").phase, Phase::ok);
    cluster.dead = true;
    EXPECT_EQ(cluster.apply(jump, rng_, "jump-clock", value).phase, Phase::info) << way;
  }
}

TEST(ClockCourse, GainsWhatItSays) {
  EXPECT_EQ(gain_of({}, 1h), 0s);
  EXPECT_EQ(gain_of({.rate_ppm = 100}, 10s), 1ms);
  EXPECT_EQ(gain_of({.rate_ppm = -1'000'000}, 1234567ns), -1234567ns);
  EXPECT_EQ(gain_of({.rate_ppm = 100'000, .gain_most = 1s}, 5s), 500ms);
  EXPECT_EQ(gain_of({.rate_ppm = -100'000, .gain_most = 1s}, 5h), -1s);
  ClockCourse strobe{.strobe = 3s, .strobe_period = 10ms};
  EXPECT_EQ(gain_of(strobe, 0s), 3s);
  EXPECT_EQ(gain_of(strobe, 9999us), 3s);
  EXPECT_EQ(gain_of(strobe, 10ms), 0s);
  EXPECT_EQ(gain_of(strobe, 20ms), 3s);
}

}  // namespace
}  // namespace sunder
