// Whole labs of the tiny system: real processes, namespaces, the switch, faults and their cure.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "harness/core/json.h"
#include "harness/faultkit/process.h"
#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

/// A nemesis whose verbs are the calls of a cluster; its ops' values name nodes or links.
Nemesis hand() {
  Nemesis nemesis;
  nemesis.name = "hand";
  nemesis.needs = {Ability::links, Ability::processes};
  nemesis.apply = [](const Op& op, FaultScene& scene, std::function<void(Outcome)> complete) {
    Cluster& cluster = scene.cluster;
    auto done = [complete](const Status& status) {
      complete(status ? Outcome::ok({}) : Outcome::info(status.error().context));
    };
    if (op.verb == "kill") return cluster.kill(NodeId::node(0), done);
    if (op.verb == "start") return cluster.start(NodeId::node(0), done);
    if (op.verb == "pause") return cluster.pause(NodeId::node(0), done);
    if (op.verb == "resume") return cluster.resume(NodeId::node(0), done);
    if (op.verb == "heal") return cluster.lift("cut", done);
    if (op.verb == "instruct") {
      return cluster.instruct(NodeId::node(0), std::string(change_voters), op.value, done);
    }
    if (op.verb == "voters") {
      return cluster.look(NodeId::node(0), [complete](const NodeReport& report) {
        complete(Outcome::ok(encode_field(report.status.voters)));
      });
    }
    if (op.verb == "cut") {  // n1 hears the others; they do not hear n1
      std::vector<Link> links;
      for (NodeId node : cluster.nodes()) {
        if (node.index != 0) links.push_back({NodeId::node(0), node});
      }
      return cluster.impose("cut", links, {.blocked = true}, done);
    }
    cluster.probe_links([complete](const LinkProbe& probe) {
      complete(Outcome::ok(Value::pair(static_cast<std::int64_t>(probe.delivered.size()),
                                       static_cast<std::int64_t>(probe.lost.size()))));
    });
  };
  return nemesis;
}

/// A lab whose only nemesis is that hand.
class Lab {
 public:
  Lab(int nodes, const LabSpace& space, LabOptions::Ports ports) {
    sunder::Test test = tiny_test(nodes);
    test.nemeses = {hand()};
    Status opened = lab_.open(std::move(test), space,
                              [ports](LabOptions& options) { options.ports = ports; });
    if (!opened) error_ = opened.error().context;
  }
  const std::string& error() const { return error_; }
  TinyLab* operator->() { return &lab_; }
  Op fault(std::string_view verb, Value value = {}) {
    return lab_.fault(0, verb, std::move(value));
  }

 private:
  TinyLab lab_;
  std::string error_;
};

/// "" or what went wrong; plain text, as it is also run in processes without gtest.
class Story {
 public:
  void expect(const Op& op, Phase phase, const Value& value = {}) {
    bool right = op.phase == phase && (value.is_nil() || op.value == value);
    if (right || !wrong_.empty()) return;
    wrong_ = describe(op) + " " + op.error + ", expected " + std::string(to_string(phase)) + " " +
             to_json(value);
  }
  const std::string& wrong() const { return wrong_; }

 private:
  std::string wrong_;
};

/// The story that every kind of lab must play: readiness, load, a kill, a pause, a cut, healing.
std::string play(const LabSpace& space, LabOptions::Ports ports) {
  Lab lab(3, space, ports);
  if (!lab.error().empty()) return lab.error();
  Story story;
  story.expect(lab->control(verb_await_ready), Phase::ok);
  story.expect(lab->client(0, "write", Value::pair(1, 10)), Phase::ok);
  story.expect(lab->client(1, "read", Value::pair(1, {})), Phase::ok, Value::pair(1, 10));
  story.expect(lab.fault("probe"), Phase::ok, Value::pair(6, 0));

  Value voters = Value(List{Value("n1"), Value("n3")});
  story.expect(lab.fault("instruct", voters), Phase::ok);
  story.expect(lab.fault("voters"), Phase::ok, voters);
  story.expect(lab.fault("instruct", 7), Phase::info);

  story.expect(lab.fault("kill"), Phase::ok);
  story.expect(lab.fault("instruct", voters), Phase::info);
  story.expect(lab->client(0, "read", Value::pair(1, {})), Phase::info);
  story.expect(lab.fault("start"), Phase::ok);
  story.expect(lab->control(verb_await_ready), Phase::ok);
  story.expect(lab->client(2, "read", Value::pair(1, {})), Phase::ok, Value::pair(1, 10));

  story.expect(lab.fault("pause"), Phase::ok);
  story.expect(lab->client(1, "read", Value::pair(1, {})), Phase::info);
  story.expect(lab.fault("resume"), Phase::ok);
  story.expect(lab->client(3, "read", Value::pair(1, {})), Phase::ok, Value::pair(1, 10));

  story.expect(lab.fault("cut"), Phase::ok);
  story.expect(lab.fault("probe"), Phase::ok, Value::pair(4, 2));
  story.expect(lab.fault("heal"), Phase::ok);
  story.expect(lab->control(verb_verify_healed), Phase::ok);
  story.expect(lab->control(verb_await_ready), Phase::ok);
  if (!story.wrong().empty()) return story.wrong();

  WorldRecord record = lab->world().record();
  if (record.probes["all greeted"] == 0) return "the probe was not counted";
  if (record.messages == 0) return "no frame between nodes was counted";
  std::ifstream trace(lab->folder() / "trace.jsonl");
  std::int64_t last = INT64_MIN;
  std::size_t lines = 0;
  for (std::string line; std::getline(trace, line); ++lines) {
    Result<Value> event = parse_json(line);
    if (!event) return "trace.jsonl: " + event.error().context;
    if (event->find("time")->integer() < last) return "trace.jsonl is not in order of time";
    last = event->find("time")->integer();
  }
  if (lines < 50) return "trace.jsonl has only " + std::to_string(lines) + " lines";
  if (lab->journal().open().empty()) return "the agents are not in the journal";
  lab->end();
  if (!lab->journal().open().empty()) return "the journal still names agents";
  return "";
}

class LabTest : public TinyLabTest {};

TEST_F(LabTest, PlaysOverTapDevices) {
  if (::access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "/dev/net/tun may not be opened";
  EXPECT_EQ(play(*lab_place(), LabOptions::Ports::tap), "");
}

TEST_F(LabTest, PlaysOverVethPairs) {
  EXPECT_EQ(play(*lab_place(), LabOptions::Ports::veth), "");
}

/// Runs `body` in a child that is nobody, in a user namespace of its own. Its text, or "" if well.
std::string as_nobody(const std::function<std::string(const LabSpace&)>& body) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    std::string text = "cannot become nobody";
    if (::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0) {
      ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else /proc/self belongs to root
      Result<LabSpace> space = enter_lab_namespaces();
      text = space ? body(*space) : "skip: " + space.error().context;
    }
    (void)!::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 1000> part;
  for (ssize_t size = 0; (size = ::read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? text : "the child died by signal " + std::to_string(WTERMSIG(status));
}

class RootlessLabTest : public LabTest, public testing::WithParamInterface<LabOptions::Ports> {};

TEST_P(RootlessLabTest, Plays) {
  if (::getuid() != 0 || lab_place()->rootless) GTEST_SKIP() << "this whole test is rootless";
  std::string wrong = as_nobody([](const LabSpace& space) {
    if (::access((std::string(SUNDER_BINARY_DIR) + "/sunder-agent").c_str(), X_OK) != 0) {
      return std::string("skip: nobody cannot read the build folder");
    }
    return space.rootless ? play(space, GetParam()) : "not rootless";
  });
  if (wrong.starts_with("skip: ")) GTEST_SKIP() << wrong;
  EXPECT_EQ(wrong, "");
}

INSTANTIATE_TEST_SUITE_P(Ports, RootlessLabTest,
                         testing::Values(LabOptions::Ports::automatic, LabOptions::Ports::veth),
                         [](const auto& tested) {
                           return tested.param == LabOptions::Ports::veth ? "veth" : "automatic";
                         });

TEST_F(LabTest, TwoStandSideBySide) {
  Lab first(2, *lab_place(), LabOptions::Ports::veth);
  ASSERT_EQ(first.error(), "");
  // A second controller has namespaces of its own.
  pid_t child = ::fork();
  if (child == 0) {
    Result<LabSpace> space = enter_lab_namespaces();
    ::_exit(space && play(*space, LabOptions::Ports::veth).empty() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(first->control(verb_await_ready).phase, Phase::ok);
}

/// All that descends from a process: pids with their times of birth.
std::map<pid_t, std::uint64_t> descendants_of(pid_t ancestor) {
  std::map<pid_t, std::uint64_t> found;
  std::vector<pid_t> left = {ancestor};
  while (!left.empty()) {
    std::filesystem::path tasks = "/proc/" + std::to_string(left.back()) + "/task";
    left.pop_back();
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
      std::ifstream children(task.path() / "children");
      for (pid_t child = 0; children >> child;) {
        std::optional<ProcessInfo> info = process_info(child);
        if (info && found.emplace(child, info->start_ticks).second) left.push_back(child);
      }
    }
  }
  return found;
}

TEST_F(LabTest, NothingOutlivesAKilledController) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    Lab lab(3, *lab_place(), LabOptions::Ports::automatic);
    if (!lab.error().empty()) ::_exit(1);
    bool ready = lab->control(verb_await_ready).phase == Phase::ok;
    (void)!::write(ends[1], ready ? "y" : "n", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char ready = '?';
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  EXPECT_EQ(ready, 'y');
  std::map<pid_t, std::uint64_t> born = descendants_of(controller);
  EXPECT_EQ(born.size(), 9u);  // an outer and an inner agent and a node, three times
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  ::close(ends[0]);
  bool gone = false;
  for (int i = 0; i < 500 && !gone; ++i) {
    gone = std::none_of(born.begin(), born.end(), [](const auto& entry) {
      std::optional<ProcessInfo> info = process_info(entry.first);
      return info && info->start_ticks == entry.second;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(gone);
}

TEST_F(LabTest, ANodeThatCannotRunIsNotReady) {
  Status opened = lab_.open(tiny_test(2), *lab_place(), [](LabOptions& options) {
    options.node_binary = "/no/such/binary";
  });
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().context.find("/no/such/binary"), std::string::npos);
  EXPECT_EQ(opened.error().code, Error::Code::environment);
}

}  // namespace
}  // namespace sunder
