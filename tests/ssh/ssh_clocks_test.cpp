// Faults of hosts' clocks through the whole ssh world. The hosts here have this machine's kernel
// and its clock, which is not to be touched: their agents bend files.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "harness/agent/pretended_clock.h"
#include "harness/core/json.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

/// How far a host's clock is off the real time.
Duration off(const SshHost& host) {
  HostClockReading clock = pretended_clock(host.folder + "/clock")->read();
  HostClockReading real = own_clock()->read();
  return (clock.wall - clock.boot) - (real.wall - real.boot);
}

bool all_right(const HostNet& net) {
  std::vector<SshHost> all = net.hosts();
  return std::all_of(all.begin(), all.end(), [](const SshHost& host) {
    return std::chrono::abs(off(host)) < std::chrono::milliseconds(20);
  });
}

class SshClocksTest : public SshTest {
 protected:
  void play(const std::string& nemesis, const std::string& begin, Map value) {
    SshRun run(net(), nemesis_named(nemesis), SshRun::Clocks::pretended);
    ASSERT_EQ(run.error(), "");
    ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
    value["targets"] = "minority";
    Op begun = run.perform(Process::nemesis(0), begin, Value(value));
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
    EXPECT_TRUE(soon([&] { return !all_right(net()); }));  // a strobing clock is right at times
    Op ended = run.perform(Process::nemesis(0), "reset-clock", {});
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
    EXPECT_TRUE(all_right(net()));
    EXPECT_EQ(run.control(verb_verify_healed), Phase::ok);
  }
};

constexpr std::int64_t second = 1'000'000'000;

TEST_F(SshClocksTest, Step) { play("clock", "bump-clock", Map{{"max_step_ns", 10 * second}}); }
TEST_F(SshClocksTest, Jump) { play("clock-jump", "jump-clock", Map{{"way", "2038"}}); }
TEST_F(SshClocksTest, JumpBackOverARestart) {
  play("clock-jump", "jump-clock", Map{{"way", "back-over-restart"}});
}
TEST_F(SshClocksTest, Drift) {
  play("clock-drift", "drift-clock", Map{{"rate_ppm", 300'000}});
}
TEST_F(SshClocksTest, Slew) {
  play("clock-slew", "slew-clock", Map{{"rate_ppm", 100'000}, {"gain_most_ns", second}});
}
TEST_F(SshClocksTest, Freeze) {
  play("clock-freeze", "freeze-clock", Map{{"rate_ppm", -1'000'000}});
}
TEST_F(SshClocksTest, Strobe) {
  play("clock-strobe", "strobe-clock",
       Map{{"strobe_ns", second}, {"strobe_period_ns", second / 20}});
}

TEST_F(SshClocksTest, AMachinesOwnClockIsRefusedAtTheStart) {
  SshRun run(net(), nemesis_named("clock"));
  EXPECT_NE(run.error().find("the controller's own"), std::string::npos) << run.error();
}

TEST_F(SshClocksTest, ABentClockIsSetRightOnceItsAgentIsKilled) {
  SshRun run(net(), nemesis_named("clock-drift"), SshRun::Clocks::pretended);
  ASSERT_EQ(run.error(), "");
  Map value{{"rate_ppm", 90'000}, {"targets", "one"}};  // the kernel's own drift: nobody steps it
  ASSERT_EQ(run.perform(Process::nemesis(0), "drift-clock", Value(value)).phase, Phase::ok);
  EXPECT_FALSE(all_right(net()));
  for (int host = 1; host <= hosts; ++host) {
    pid_t agent = agent_of(host);
    ASSERT_GT(agent, 1);
    ASSERT_EQ(::kill(agent, SIGKILL), 0);
  }
  EXPECT_TRUE(soon([&] { return agents() == 0; }));
  EXPECT_TRUE(all_right(net()));
}

TEST_F(SshClocksTest, ABentClockDoesNotOutliveItsController) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    SshRun run(net(), nemesis_named("clock"), SshRun::Clocks::pretended);
    Map value{{"max_step_ns", 10 * second}};
    Op op = run.perform(Process::nemesis(0), "bump-clock", Value(value));
    (void)!::write(ends[1], op.phase == Phase::ok ? "y" : "n", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char bumped = '?';
  ASSERT_EQ(::read(ends[0], &bumped, 1), 1);
  ::close(ends[0]);
  EXPECT_EQ(bumped, 'y');
  EXPECT_FALSE(all_right(net()));
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  EXPECT_TRUE(soon([&] { return all_right(net()) && ours() == 0; }));
}

}  // namespace
}  // namespace sunder
