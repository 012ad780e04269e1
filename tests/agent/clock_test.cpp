// Clocks of nodes: what real programs, static and dynamic, see of them, and that it ends.

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "harness/api/cluster.h"
#include "harness/core/json.h"
#include "harness/faultkit/clock/wall_clock.h"
#include "harness/faultkit/family.h"
#include "harness/real/lab/agent_link.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

using std::chrono::milliseconds;

constexpr Duration limit = std::chrono::seconds(5);
constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t tolerance = 5 * million;  // of an offset that is read back
const std::string dynamic = "/tmp/bin/clock_program";
const std::string fixed = "/tmp/bin/clock_program_static";

Map request(std::string_view act) {
  Map map;
  map["do"] = act;
  return map;
}

class NodeClocks : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    const std::filesystem::path built = SUNDER_BINARY_DIR;
    auto started = AgentLink::start(built / "sunder-agent");
    ASSERT_TRUE(started) << started.error().context;
    agent_ = *std::move(started);
    Map tree = request("tree");
    tree["name"] = "n1";
    tree["hosts"] = "10.77.0.1 n1\n";
    tree["clock"] = "/tmp/clock";
    List binds{List{Value(folder_.path().string()), Value("/tmp/node")}};
    for (const char* name : {"clock_program", "clock_program_static", "libsunder-clock.so"}) {
      std::string place = std::string("/tmp/bin/") + name;
      binds.emplace_back(List{Value((built / name).string()), Value(place)});
    }
    tree["binds"] = std::move(binds);
    ask(std::move(tree));
  }

  Value ask(Map what) {
    auto reply = agent_->call(std::move(what), limit);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
    return reply ? reply->fields : Value();
  }
  void step(std::int64_t nanoseconds) {
    Map what = request("clock-step");
    what["nanoseconds"] = nanoseconds;
    ask(std::move(what));
  }
  void bend(const ClockCourse& course) {
    Map what = request("clock-bend");
    what["rate_ppm"] = course.rate_ppm;
    what["gain_most_ns"] = std::int64_t{course.gain_most.count()};
    what["strobe_ns"] = std::int64_t{course.strobe.count()};
    what["strobe_period_ns"] = std::int64_t{course.strobe_period.count()};
    ask(std::move(what));
  }
  void reset() { ask(request("clock-reset")); }
  /// As the agent reads it back.
  std::int64_t offset() {
    Value seen = ask(request("clock-look"));
    const Value* found = seen.find("offset_ns");
    EXPECT_NE(found, nullptr);
    return found == nullptr ? 0 : found->integer();
  }

  void start(const std::vector<std::string>& command) {
    std::error_code ignored;
    std::filesystem::remove(folder_.path() / "log", ignored);
    Map what = request("start");
    List arguments;
    for (const std::string& argument : command) arguments.emplace_back(argument);
    what["command"] = std::move(arguments);
    what["log"] = "/tmp/node/log";
    what["folder"] = "/tmp/node";
    what["environment"] = Map{{Value("LD_PRELOAD"), Value("/tmp/bin/libsunder-clock.so")},
                              {Value("SUNDER_CLOCK"), Value("/tmp/clock")},
                              {Value("PATH"), Value("/usr/bin:/bin")}};
    ask(std::move(what));
  }
  void kill() {
    Map what = request("signal");
    what["signal"] = "kill";
    ask(std::move(what));
  }
  /// Whether one of the node's processes has executed this program, rather than being about to.
  bool is_running(const std::string& program) {
    for (pid_t pid : family_of(agent_->pid())) {
      std::string name;
      std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
      if (name == program) return true;
    }
    return false;
  }
  bool ended() { return ask(request("state")).find("process")->text() == "stopped"; }
  std::string log() const {
    std::ifstream file(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<Value> lines() const {
    std::vector<Value> values;
    std::istringstream text(log());
    for (std::string line; std::getline(text, line);) {
      Result<Value> value = parse_json(line);
      if (value) values.push_back(*std::move(value));
    }
    return values;
  }
  template <class Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  std::vector<Value> run(const std::vector<std::string>& command) {
    start(command);
    EXPECT_TRUE(soon([&] { return ended(); }));
    return lines();
  }

  /// What each of a program's functions says minus the machine's wall clock.
  std::map<std::string, std::int64_t> offsets_seen_by(const std::vector<std::string>& command) {
    std::map<std::string, std::int64_t> offsets;
    std::vector<Value> said = run(command);
    if (said.empty()) {
      ADD_FAILURE() << "it said nothing: " << log();
      return offsets;
    }
    ClockReading now = read_clocks();
    for (const auto& [name, reading] : said.front().map()) {
      offsets[name.text()] = reading.integer() - (now.wall - now.monotonic);
    }
    return offsets;
  }
  void expect_offsets(const std::string& program, std::int64_t wanted) {
    std::map<std::string, std::int64_t> offsets = offsets_seen_by({program, "reads"});
    EXPECT_EQ(offsets.size(), 7u);
    for (const auto& [name, offset] : offsets) {
      std::int64_t slack = name == "time" ? 1000 * million : name == "coarse" ? 2 * tolerance : 0;
      EXPECT_LE(offset, wanted + tolerance) << program << " " << name;
      EXPECT_GE(offset, wanted - tolerance - slack) << program << " " << name;
    }
  }
  std::map<std::string, std::int64_t> ends_of_waits() {
    EXPECT_TRUE(soon([&] { return ended(); }));
    std::map<std::string, std::int64_t> ends;
    for (const Value& line : lines()) {
      for (const auto& [name, after] : line.map()) ends[name.text()] = after.integer();
    }
    return ends;
  }

  TemporaryFolder folder_;
  std::unique_ptr<AgentLink> agent_;
};

TEST_F(NodeClocks, EveryFunctionReadsAClockThatWasStepped) {
  for (std::int64_t wanted : {3'600'000 * million, -90'000 * million, 0 * million}) {
    reset();
    if (wanted != 0) step(wanted);
    expect_offsets(dynamic, wanted);
    expect_offsets(fixed, wanted);
    EXPECT_NEAR(static_cast<double>(offset()), static_cast<double>(wanted), tolerance);
  }
}

TEST_F(NodeClocks, StepsAddUpAndStayWhileProcessesComeAndGo) {
  start({"sleep", "1000"});
  step(2'000 * million);
  step(-500 * million);
  kill();
  expect_offsets(dynamic, 1'500 * million);
  expect_offsets(fixed, 1'500 * million);
  reset();
  expect_offsets(dynamic, 0);
}

TEST_F(NodeClocks, AProgramThatAnotherOneBecomesIsBentByTheLibraryAlone) {
  step(7'000 * million);
  std::map<std::string, std::int64_t> offsets =
      offsets_seen_by({"sh", "-c", "exec " + dynamic + " reads"});
  ASSERT_EQ(offsets.size(), 7u);
  for (const auto& [name, offset] : offsets) {
    EXPECT_LE(offset, 7'000 * million + tolerance) << name;
    EXPECT_GE(offset, 5'990 * million) << name;
  }
}

TEST_F(NodeClocks, AProgramThatRunsIsTakenInWhoeverStartedIt) {
  start({"sh", "-c", "env -u LD_PRELOAD " + fixed + " watch 1200; true"});
  ASSERT_TRUE(soon([&] { return log().find('[') != std::string::npos; }));
  step(1'000 * million);
  std::this_thread::sleep_for(milliseconds(300));
  reset();
  ASSERT_TRUE(soon([&] { return ended(); }));
  ClockReading now = read_clocks();
  int bent = 0;
  int right = 0;
  for (const Value& line : lines()) {
    std::int64_t seen = line.list()[1].integer() - line.list()[0].integer() -
                        (now.wall - now.monotonic);
    bent += std::abs(seen - 1'000 * million) <= tolerance ? 1 : 0;
    right += std::abs(seen) <= tolerance ? 1 : 0;
  }
  EXPECT_GT(bent, 5) << log();
  EXPECT_GT(right, 5);
  EXPECT_EQ(bent + right, static_cast<int>(lines().size()));
}

TEST_F(NodeClocks, AProgramThatIsExecutedWhileTheClockIsWrongIsTakenInSoon) {
  step(1'000 * million);
  start({"sh", "-c", "env -u LD_PRELOAD " + fixed + " watch 600; true"});
  ASSERT_TRUE(soon([&] { return ended(); }));
  ClockReading now = read_clocks();
  ASSERT_GT(lines().size(), 5u);
  std::vector<Value> last = lines().back().list();
  EXPECT_NEAR(static_cast<double>(last[1].integer() - last[0].integer() -
                                  (now.wall - now.monotonic)), 1e9, 5e6);
}

TEST_F(NodeClocks, NoClockIsBentThatAPartOfTheNodeWouldNotNotice) {
  start({"sh", "-c", "sleep 100; true"});
  ASSERT_TRUE(soon([&] { return is_running("sleep"); }));  // no longer the shell's own copy
  Map pause = request("signal");
  pause["signal"] = "pause";
  ask(pause);
  Map what = request("clock-step");
  what["nanoseconds"] = 1000 * million;
  auto refused = agent_->call(what, limit);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().context.find("would not notice"), std::string::npos);
  EXPECT_NEAR(static_cast<double>(offset()), 0, tolerance);
  reset();  // is always allowed
}

/// Every reading of a program that runs all the while, against what the course means.
class ClockCourses : public NodeClocks,
                     public testing::WithParamInterface<std::pair<const char*, ClockCourse>> {};

Instant now() { return Instant{Duration{read_clocks().monotonic}}; }

TEST_P(ClockCourses, AreFollowedByProgramsThatRunAndEnd) {
  const ClockCourse& course = GetParam().second;
  for (const std::string& program : {dynamic, fixed}) {
    start({program, "watch", "900"});
    ASSERT_TRUE(soon([&] { return !log().empty(); }));
    Instant asked = now();
    bend(course);
    Instant begun = now();
    std::this_thread::sleep_for(milliseconds(450));
    Instant asked_back = now();
    reset();
    Instant over = now();
    ASSERT_TRUE(soon([&] { return ended(); }));
    ClockReading clocks = read_clocks();
    int bent = 0;
    int right = 0;
    for (const Value& line : lines()) {
      Instant at{Duration{line.list()[0].integer()}};
      Duration seen{line.list()[1].integer() - line.list()[0].integer() -
                    (clocks.wall - clocks.monotonic)};
      if (at < asked - milliseconds(1) || at > over) {
        ++right;
        EXPECT_LE(std::chrono::abs(seen).count(), tolerance) << program;
      }
      if (at < begun || at > asked_back - milliseconds(1)) continue;
      // The course began at some time while it was asked for.
      auto [low, high] = std::minmax(gain_of(course, at - begun), gain_of(course, at - asked));
      if (course.strobe_period.count() > 0 && low != high) continue;  // it jumps just now
      ++bent;
      EXPECT_GE(seen.count(), low.count() - tolerance) << program;
      EXPECT_LE(seen.count(), high.count() + tolerance) << program;
    }
    EXPECT_GT(bent, 5) << program << log();
    EXPECT_GT(right, 5) << program;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Clocks, ClockCourses,
    testing::Values(std::pair("drift", ClockCourse{.rate_ppm = 250'000}),
                    std::pair("back", ClockCourse{.rate_ppm = -250'000}),
                    std::pair("slew", ClockCourse{.rate_ppm = 400'000,
                                                  .gain_most = milliseconds(90)}),
                    std::pair("strobe", ClockCourse{.strobe = milliseconds(-2500),
                                                    .strobe_period = milliseconds(60)}),
                    std::pair("freeze", ClockCourse{.rate_ppm = -1'000'000})),
    [](const auto& one) { return std::string(one.param.first); });

TEST_F(NodeClocks, WaitersWakeWhenTheClockJumpsPastTheirTime) {
  start({dynamic, "waits", "1500"});
  ASSERT_TRUE(soon([&] { return log().find("waiting") != std::string::npos; }));
  std::this_thread::sleep_for(milliseconds(200));
  step(10'000 * million);
  std::map<std::string, std::int64_t> ends = ends_of_waits();
  ASSERT_EQ(ends.size(), 13u);
  for (const auto& [name, after] : ends) {
    if (name == "waiting") continue;
    if (name == "steady") {
      EXPECT_GE(after, 1500) << name;
    } else {
      EXPECT_GE(after, 200) << name;
      EXPECT_LT(after, 1450) << name;
    }
  }
}

TEST_F(NodeClocks, WaitersWaitLongerWhenTheClockJumpsBack) {
  start({dynamic, "waits", "700"});
  ASSERT_TRUE(soon([&] { return log().find("waiting") != std::string::npos; }));
  step(-600 * million);
  for (const auto& [name, after] : ends_of_waits()) {
    if (name == "waiting") continue;
    EXPECT_GE(after, name == "steady" ? 700 : 1295) << name;
    EXPECT_LT(after, 3000) << name;
  }
}

TEST_F(NodeClocks, AllDeadlinesMeanTheClockThatTheProgramReads) {
  // Without a translation the first would wait for an hour, and the second not at all.
  for (std::int64_t hour : {3'600'000 * million, -3'600'000 * million}) {
    reset();
    step(hour);
    start({dynamic, "waits", "300"});
    std::map<std::string, std::int64_t> ends = ends_of_waits();
    ASSERT_EQ(ends.size(), 13u);
    for (const auto& [name, after] : ends) {
      if (name == "waiting") continue;
      EXPECT_GE(after, 299) << name;
      EXPECT_LT(after, 3000) << name;
    }
  }
  // At half its pace, a clock needs twice the time.
  bend({.rate_ppm = -500'000});
  start({dynamic, "waits", "300"});
  for (const auto& [name, after] : ends_of_waits()) {
    if (name == "waiting") continue;
    EXPECT_GE(after, name == "steady" ? 300 : 595) << name;
    EXPECT_LT(after, 3000) << name;
  }
}

TEST_F(NodeClocks, AGoProgramLogsTheBentTime) {
  if (::access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "etcd is not installed";
  step(std::int64_t{20} * 365 * 86'400 * clock_second);
  std::int64_t year = 1970 + read_clocks().wall / clock_second / (365 * 86'400) + 20;
  auto tells_a_year_about = [&](std::int64_t middle) {
    for (std::int64_t one : {middle - 1, middle, middle + 1}) {
      if (log().find("\"ts\":\"" + std::to_string(one)) != std::string::npos) return true;
    }
    return false;
  };
  const std::string client = "http://127.0.0.1:2379";
  const std::string peer = "http://127.0.0.1:2380";
  // The second member never comes, so this one stands for election and says so again and again,
  // however late its clock is bent.
  const std::string members = "default=" + peer + ",absent=http://127.0.0.1:2381";
  std::vector<std::string> etcd = {
      "/usr/bin/etcd", "--logger", "zap", "--log-outputs", "stderr", "--initial-cluster", members,
      "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
      "--initial-advertise-peer-urls", peer, "--data-dir", "/tmp/node/straight"};
  start(etcd);
  ASSERT_TRUE(soon([&] { return log().find("\"ts\":") != std::string::npos; }));
  EXPECT_TRUE(tells_a_year_about(year));
  EXPECT_FALSE(tells_a_year_about(year - 20)) << "not even at its very beginning";
  kill();
  // Behind a script it is taken in while it runs. Where the first was killed while it wrote its
  // members down it would stay silent if started again, so this one has data of its own.
  etcd.back() = "/tmp/node/behind-a-script";
  std::string script;
  for (const std::string& word : etcd) script += word + " ";
  start({"sh", "-c", script + "; true"});
  EXPECT_TRUE(soon([&] { return tells_a_year_about(year); })) << log();
}

TEST_F(NodeClocks, AnEndedLeaseSetsTheClockRight) {
  Map lease = request("lease");
  lease["milliseconds"] = 300;
  ask(std::move(lease));
  step(5'000 * million);
  EXPECT_NEAR(static_cast<double>(offset()), 5e9, tolerance);
  EXPECT_TRUE(soon([&] { return offset() == 0 || std::abs(offset()) < million; }));
  EXPECT_EQ(ask(request("state")).find("leases_run_out")->integer(), 1);
}

TEST_F(NodeClocks, TheArithmeticIsThatOfTheSimulator) {
  for (std::int64_t rate : {0L, 100L, -4711L, 500'000L, -1'000'000L}) {
    for (std::int64_t most : {0L, 3'000'000L}) {
      for (std::int64_t period : {0L, 70'000'000L}) {
        ClockCourse course{rate, Duration{most}, Duration{-9'000'000}, Duration{period}};
        ClockBend bend{.bent = 1, .since = 50, .wall = 7'000, .tai = 0, .rate_ppm = rate,
                       .gain_most = most, .strobe = -9'000'000, .strobe_period = period};
        for (std::int64_t elapsed : {0L, 1L, 69'999'999L, 70'000'000L, 123'456'789'012L}) {
          Duration gained = gain_of(course, Duration{elapsed});
          EXPECT_EQ(wall_at(bend, 50 + elapsed), 7'000 + elapsed + gained.count());
        }
      }
    }
  }
}

}  // namespace
}  // namespace sunder
