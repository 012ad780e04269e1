// The controller, or a host's agent, is killed (kill -9) at a random moment while faults of every
// kind are on: nothing of them is left on any host. SUNDER_MOMENTS says how often; once by default.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "harness/core/rng.h"
#include "harness/faultkit/control_group_places.h"
#include "tests/ssh/support/host_state.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

struct Fault {
  const char* nemesis;
  const char* begin;
  const char* end;
  Map value;
};

Map amount(std::int64_t amount) {
  Map value;
  value["amount"] = amount;
  return value;
}

Map rule(const char* key, const Value& how) {
  Map rule;
  rule["operations"] = List{"fsync"};
  rule[key] = how;
  Map value;
  value["rule"] = std::move(rule);
  return value;
}

std::vector<Fault> all_faults() {
  Map freezer;
  freezer["by"] = "freezer";
  Map delay;
  delay["model"] = to_value(LinkModel{.delay = std::chrono::milliseconds(20)});
  return {{"partition", "start-partition", "stop-partition", {}},
          {"delay", "start-delay", "stop-delay", delay},
          {"kill", "kill", "start", {}},
          {"pause", "pause", "resume", freezer},
          {"cpu", "exhaust-cpu", "restore-cpu", amount(10)},
          {"pids", "exhaust-pids", "restore-pids", amount(0)},
          {"memory", "exhaust-memory", "restore-memory", amount(4 << 20)},
          {"descriptors", "exhaust-descriptors", "restore-descriptors", amount(0)},
          {"ports", "exhaust-ports", "restore-ports", amount(0)},
          {"disk", "cut-power", "restore-power", {}},
          {"disk-error", "start-disk-error", "stop-disk-error", rule("error", "EIO")},
          {"disk-slow", "start-disk-slow", "stop-disk-slow", rule("hang", true)}};
}

class SshLeftovers : public SshTest {
 protected:
  void SetUp() override {
    SshTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) GTEST_SKIP() << "/dev/fuse cannot be opened";
    if (auto places = find_control_groups(); !places) GTEST_SKIP() << places.error().context;
  }
  static int moments() {
    const char* wanted = std::getenv("SUNDER_MOMENTS");
    std::string_view text = wanted != nullptr ? wanted : "";
    int number = 1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  /// A controller that begins faults on random nodes in random order, and ends every second one.
  [[noreturn]] static void break_things(Rng rng, int ready) {
    std::vector<Fault> faults = all_faults();
    std::vector<Nemesis> nemeses;
    for (const Fault& fault : faults) nemeses.push_back(nemesis_named(fault.nemesis));
    SshRun run(net(), std::move(nemeses));
    bool stands = run.error().empty() && run.control(verb_await_ready) == Phase::ok;
    (void)!::write(ready, stands ? "y" : "n", 1);
    while (true) {
      std::size_t at = rng.below(faults.size());
      const Fault& fault = faults[at];
      Process process = Process::nemesis(static_cast<std::int32_t>(at));
      Map value = fault.value;
      value["targets"] = "one";
      (void)run.perform(process, fault.begin, std::move(value));
      if (rng.below(2) == 0) (void)run.perform(process, fault.end, {});
    }
  }
  static void kill_an_agent(Rng& rng) {
    auto host = static_cast<int>(rng.below(hosts)) + 1;
    pid_t agent = 0;
    EXPECT_TRUE(soon([&] { return (agent = agent_of(host)) > 1; })) << "n" << host;
    if (agent > 1) ::kill(agent, SIGKILL);
  }
  /// What is on the hosts once it is as it was, or in the end.
  static std::string state_after(const std::string& before) {
    std::string state;
    constexpr int patience_seconds = 60;
    for (int i = 0; i < patience_seconds; ++i) {
      state = state_of(net());
      if (state == before && ours() == 0 && agents() == 0) return state;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    return state + ", " + std::to_string(ours()) + " of ours, " + std::to_string(agents()) +
           " agents";
  }
  static void strike(int moment, bool agent) {
    SCOPED_TRACE("moment " + std::to_string(moment));
    Rng rng(static_cast<std::uint64_t>(moment), Stream::of("leftovers"));
    std::string before = state_of(net());
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    pid_t controller = ::fork();
    if (controller == 0) break_things(rng, ends[1]);
    ::close(ends[1]);
    char ready = '?';
    ASSERT_EQ(::read(ends[0], &ready, 1), 1);
    ::close(ends[0]);
    EXPECT_EQ(ready, 'y');
    std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(8000)));
    if (agent) kill_an_agent(rng);
    if (agent) std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(2000)));
    ::kill(controller, SIGKILL);
    ::waitpid(controller, nullptr, 0);
    EXPECT_EQ(state_after(before), before);
  }
};

TEST_F(SshLeftovers, OfAControllerThatIsKilledAreNone) {
  for (int moment = 1; moment <= moments(); ++moment) strike(moment, false);
}

TEST_F(SshLeftovers, OfAnAgentThatIsKilledAreNone) {
  for (int moment = 1; moment <= moments(); ++moment) strike(100 + moment, true);
}

}  // namespace
}  // namespace sunder
