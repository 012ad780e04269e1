// How an agent bends a clock and sets it right: played on a clock that is only a file, and in a
// virtual machine that says so at boot (tests/vm/run) on that machine's own.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "harness/agent/clock_bender.h"
#include "harness/agent/host_place.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void wait(Duration time) { std::this_thread::sleep_for(time); }

bool own_clock_may_be_bent() {
  std::ifstream file("/proc/cmdline");
  for (std::string word; file >> word;) {
    if (word == "sunder.bend_clock") return true;
  }
  return false;
}

class ClockBenderTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(bender_.reset());
    expect_near(off(), Duration{0}, milliseconds(5));
  }
  std::vector<std::string> services() const { return *clock_->services(); }
  /// How far the clock is off where it would be without us.
  Duration off() const {
    HostClockReading reading = clock_->read();
    Duration elapsed = reading.boot - before_.boot;
    return reading.wall - before_.wall - elapsed - gained_at(rate_before_, elapsed);
  }
  /// The last tick and frequency it was told, apart from those before.
  std::pair<std::int64_t, std::int64_t> rate_change() const {
    ClockRate now = *clock_->rate();
    return {now.tick - rate_before_.tick, now.frequency - rate_before_.frequency};
  }
  static void expect_near(Duration found, Duration wanted, Duration tolerance) {
    EXPECT_LE(std::chrono::abs(found - wanted), tolerance)
        << found.count() << " instead of " << wanted.count();
  }

  TemporaryFolder folder_;
  bool own_ = own_clock_may_be_bent();
  HostFolder place_{folder_.path(), !own_};
  std::unique_ptr<HostClock> clock_ = place_.clock();
  HostClockReading before_ = clock_->read();
  ClockRate rate_before_ = *clock_->rate();
  UndoJournal journal_{place_.journal()};
  ClockBender bender_{*clock_, journal_};
};

TEST_F(ClockBenderTest, StepsAddUpAreReadBackAndUndone) {
  EXPECT_EQ(bender_.state().offset, Duration{0});
  ASSERT_TRUE(bender_.step(seconds(100)));
  ASSERT_TRUE(bender_.step(-seconds(40)));
  expect_near(off(), seconds(60), milliseconds(5));
  expect_near(bender_.state().offset, seconds(60), milliseconds(5));
  EXPECT_TRUE(UndoJournal(place_.journal()).has(UndoJournal::clock));
  ASSERT_TRUE(bender_.reset());
  expect_near(off(), Duration{0}, milliseconds(5));
  expect_near(bender_.state().offset, Duration{0}, milliseconds(5));
  EXPECT_FALSE(UndoJournal(place_.journal()).has(UndoJournal::clock));
}

TEST_F(ClockBenderTest, TheWayBackDoesNotDependOnWhatWasDoneToTheClock) {
  ASSERT_TRUE(bender_.step(seconds(3600)));
  // Somebody else sets it meanwhile: to take the step back would now be wrong.
  ASSERT_TRUE(clock_->set(seconds(1'000'000)));
  ASSERT_TRUE(bender_.reset());
  expect_near(off(), Duration{0}, milliseconds(5));
}

TEST_F(ClockBenderTest, ANewAgentSetsRightWhatAKilledOneBent) {
  ASSERT_TRUE(own_ || clock_->start("chrony"));
  pid_t agent = ::fork();
  if (agent == 0) {
    bool bent = bender_.step(-seconds(86'400)) && bender_.bend({.rate_ppm = 300'000});
    while (bent) wait(seconds(1));
    ::_exit(1);
  }
  wait(milliseconds(400));
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
  EXPECT_LT(off(), -seconds(86'000));
  EXPECT_TRUE(services().empty());
  undo_what_is_left(place_);
  expect_near(off(), Duration{0}, milliseconds(5));
  EXPECT_EQ(services(), own_ ? std::vector<std::string>{} : std::vector<std::string>{"chrony"});
  EXPECT_FALSE(UndoJournal(place_.journal()).has(UndoJournal::clock));
}

TEST_F(ClockBenderTest, ServicesThatSetTheClockStandStillMeanwhile) {
  if (own_) GTEST_SKIP() << "this machine has no services";
  ASSERT_TRUE(clock_->start("chrony"));
  ASSERT_TRUE(clock_->start("another"));
  ASSERT_TRUE(bender_.step(seconds(1)));
  EXPECT_TRUE(services().empty());
  ASSERT_TRUE(bender_.reset());
  EXPECT_EQ(services(), (std::vector<std::string>{"chrony", "another"}));
}

TEST_F(ClockBenderTest, ASmallDriftIsTheKernelsAndABigOneIsStepped) {
  ASSERT_TRUE(bender_.bend({.rate_ppm = 50'030}));
  EXPECT_EQ(rate_change(), std::pair(std::int64_t{500}, std::int64_t{30 * 65536}));
  wait(milliseconds(400));
  expect_near(off(), milliseconds(20), milliseconds(4));
  Duration before = off();
  ASSERT_TRUE(bender_.bend({.rate_ppm = -500'000}));  // what was gained stays
  EXPECT_EQ(rate_change(), std::pair(std::int64_t{0}, std::int64_t{0}));
  wait(milliseconds(400));
  expect_near(off() - before, -milliseconds(200), milliseconds(30));
  ASSERT_TRUE(bender_.reset());
  expect_near(off(), Duration{0}, milliseconds(5));
}

TEST_F(ClockBenderTest, ASlewEndsAtItsOffsetAndNeverGoesBack) {
  ASSERT_TRUE(bender_.bend({.rate_ppm = -100'000, .gain_most = milliseconds(20)}));
  Duration last = clock_->read().wall;
  for (int i = 0; i < 80; ++i) {
    wait(milliseconds(5));
    Duration now = clock_->read().wall;
    EXPECT_GE(now, last);
    last = now;
  }
  expect_near(off(), -milliseconds(20), milliseconds(5));
  EXPECT_EQ(rate_change(), std::pair(std::int64_t{0}, std::int64_t{0}));
}

TEST_F(ClockBenderTest, AFrozenClockStandsStill) {
  Duration before = clock_->read().wall;
  ASSERT_TRUE(bender_.bend({.rate_ppm = -1'000'000}));
  wait(milliseconds(300));
  expect_near(clock_->read().wall, before, milliseconds(40));
  expect_near(bender_.state().offset, -milliseconds(300), milliseconds(100));
}

TEST_F(ClockBenderTest, AClockMayGoOverTheEndOf32BitTime) {
  Duration end = seconds(1LL << 31);
  ASSERT_TRUE(bender_.step(end - milliseconds(100) - clock_->read().wall));
  wait(milliseconds(200));
  EXPECT_GT(clock_->read().wall, end);
  EXPECT_LT(clock_->read().wall, end + seconds(2));
}

TEST_F(ClockBenderTest, AnotherMachinesClockMayBeBent) {
  if (!own_) GTEST_SKIP() << "only in tests/vm";
  Status may = clock_->may_be_bent("another boot");
  EXPECT_TRUE(may) << (may ? "" : may.error().context);
}

TEST_F(ClockBenderTest, AStrobeIsSeenOnBothSidesAndNowhereElse) {
  ASSERT_TRUE(bender_.bend({.strobe = seconds(2), .strobe_period = milliseconds(20)}));
  int high = 0;
  int low = 0;
  for (int i = 0; i < 100; ++i) {
    wait(milliseconds(3));
    Duration now = off();
    bool is_high = std::chrono::abs(now - seconds(2)) < milliseconds(20);
    bool is_low = std::chrono::abs(now) < milliseconds(20);
    EXPECT_TRUE(is_high || is_low) << now.count();
    ++(is_high ? high : low);
  }
  EXPECT_GT(high, 20);
  EXPECT_GT(low, 20);
  ASSERT_TRUE(bender_.bend({}));  // it has jumped back
  expect_near(off(), Duration{0}, milliseconds(5));
}

TEST(RightTime, IsReadBackFromOneLine) {
  RightTime right{{seconds(1'700'000'000), seconds(77)}, {10'001, -65536, 64}, "a-boot",
                  {"chrony", "ntp"}};
  std::optional<RightTime> read = RightTime::from_text(right.to_text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_text(), right.to_text());
  EXPECT_EQ(read->services, right.services);
  // 100 millionths too fast by its tick, one too slow by its frequency.
  EXPECT_EQ(read->wall_at(seconds(1077)), seconds(1'700'001'000) + milliseconds(99));
  for (const char* text :
       {"", "1", "1 2 3 4 5", "x 2 3 4 5 boot", "99999999999999999999 2 3 4 5 b"}) {
    EXPECT_FALSE(RightTime::from_text(text)) << text;
  }
}

TEST(RightTime, OfAnotherBootSaysNothingOfThisOne) {
  TemporaryFolder folder;
  HostFolder place{folder.path(), true};
  std::unique_ptr<HostClock> clock = place.clock();
  ASSERT_TRUE(clock->set(seconds(5)));
  RightTime right{{seconds(1), seconds(1)}, {}, "another boot", {"chrony"}};
  ASSERT_TRUE(right.restore(*clock));
  HostClockReading reading = clock->read();
  EXPECT_EQ(reading.wall - reading.boot, seconds(5));
  EXPECT_EQ(*clock->services(), std::vector<std::string>{"chrony"});
}

TEST(HostClock, NobodyBendsHisOwn) {
  for (const std::string& controller : {boot_id(), std::string()}) {
    Status may = own_clock()->may_be_bent(controller);
    ASSERT_FALSE(may);
    EXPECT_NE(may.error().context.find("controller's own"), std::string::npos);
  }
}

TEST(UndoJournalTest, KeepsDetailsAndForgetsNothingOverARestart) {
  TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "undo";
  UndoJournal journal(file);
  ASSERT_TRUE(journal.will(UndoJournal::clock, "1 2 3"));
  ASSERT_TRUE(journal.will(UndoJournal::bends));
  ASSERT_TRUE(journal.will(UndoJournal::clock, "later"));  // the first is what is to be restored
  UndoJournal again(file);
  EXPECT_EQ(again.detail(UndoJournal::clock), "1 2 3");
  EXPECT_TRUE(again.has(UndoJournal::bends));
  EXPECT_FALSE(again.has(UndoJournal::cuts));
  std::ofstream(file) << "garb";
  UndoJournal torn(file);
  EXPECT_TRUE(torn.has(UndoJournal::cuts) && torn.has(UndoJournal::bends));
}

}  // namespace
}  // namespace sunder
