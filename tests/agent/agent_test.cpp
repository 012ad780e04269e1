// The agent as its controller sees it: real processes in real namespaces.

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "harness/faultkit/process.h"
#include "harness/real/lab/agent_link.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(5);

class AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    auto started = AgentLink::start(std::filesystem::path(SUNDER_BINARY_DIR) / "sunder-agent");
    ASSERT_TRUE(started) << started.error().context;
    agent_ = *std::move(started);
  }

  Value ask(Map request) {
    auto reply = agent_->call(std::move(request), limit);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
    return reply ? reply->fields : Value();
  }
  void make_tree() {
    Map tree;
    tree["do"] = "tree";
    tree["name"] = "n1";
    tree["hosts"] = "10.77.0.1 n1\n";
    List binds;
    binds.emplace_back(List{Value(folder_.path().string()), Value("/tmp/node")});
    tree["binds"] = std::move(binds);
    ask(std::move(tree));
  }
  Value start(const std::vector<std::string>& command) {
    Map request;
    request["do"] = "start";
    List arguments;
    for (const std::string& argument : command) arguments.emplace_back(argument);
    request["command"] = std::move(arguments);
    request["log"] = "/tmp/node/log";
    request["folder"] = "/tmp/node";
    return ask(std::move(request));
  }
  Value signal(const std::string& name) {
    Map request;
    request["do"] = "signal";
    request["signal"] = name;
    return ask(std::move(request));
  }
  Value state() {
    Map request;
    request["do"] = "state";
    return ask(std::move(request));
  }
  std::string log() const {
    std::ifstream file(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string process_of(const Value& reply) {
    const Value* process = reply.find("process");
    return process != nullptr ? process->text() : "";
  }
  template <class Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TemporaryFolder folder_;
  std::unique_ptr<AgentLink> agent_;
};

TEST_F(AgentTest, StartsPausesResumesAndKills) {
  make_tree();
  EXPECT_EQ(process_of(state()), "stopped");
  EXPECT_EQ(process_of(start({"sleep", "1000"})), "running");
  EXPECT_EQ(process_of(signal("pause")), "paused");
  EXPECT_EQ(process_of(signal("resume")), "running");
  EXPECT_EQ(process_of(signal("pause")), "paused");
  Value killed = signal("kill");  // also of a paused process
  EXPECT_EQ(process_of(killed), "stopped");
  ASSERT_NE(killed.find("signal"), nullptr);
  EXPECT_EQ(killed.find("signal")->integer(), SIGKILL);
  EXPECT_EQ(process_of(start({"sleep", "1000"})), "running");
}

TEST_F(AgentTest, TellsHowAProcessEnded) {
  make_tree();
  start({"sh", "-c", "echo said; exit 7"});
  ASSERT_TRUE(soon([&] { return process_of(state()) == "stopped"; }));
  EXPECT_EQ(state().find("exit")->integer(), 7);
  EXPECT_EQ(log(), "said\n");
}

TEST_F(AgentTest, SaysWhyAProgramDoesNotStart) {
  make_tree();
  Map request;
  request["do"] = "start";
  request["command"] = List{Value("no-such-program")};
  request["log"] = "/tmp/node/log";
  request["folder"] = "/tmp/node";
  auto reply = agent_->call(std::move(request), limit);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().context.find("no-such-program"), std::string::npos);
  EXPECT_NE(reply.error().context.find("No such file"), std::string::npos);
}

TEST_F(AgentTest, NodesHaveNoPrivilegesAndASmallWorld) {
  make_tree();
  start({"sh", "-c",
         "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; hostname; cat /etc/hosts;"
         "touch /etc/sunder-was-here 2>/dev/null || echo read-only; ls /tmp"});
  ASSERT_TRUE(soon([&] { return process_of(state()) == "stopped"; }));
  std::string said = log();
  EXPECT_NE(said.find("CapEff:\t0000000000000000"), std::string::npos) << said;
  EXPECT_NE(said.find("CapBnd:\t0000000000000000"), std::string::npos) << said;
  EXPECT_NE(said.find("NoNewPrivs:\t1"), std::string::npos) << said;
  EXPECT_NE(said.find("\nn1\n"), std::string::npos) << said;
  EXPECT_NE(said.find("10.77.0.1 n1"), std::string::npos) << said;
  EXPECT_NE(said.find("read-only"), std::string::npos) << said;
  EXPECT_NE(said.find("\nnode\n"), std::string::npos) << said;
}

TEST_F(AgentTest, AnEndedLeaseResumesWhatWasPaused) {
  make_tree();
  start({"sleep", "1000"});
  Map lease;
  lease["do"] = "lease";
  lease["milliseconds"] = 400;
  ask(std::move(lease));
  EXPECT_EQ(process_of(signal("pause")), "paused");
  EXPECT_TRUE(soon([&] { return process_of(state()) == "running"; }));
  EXPECT_EQ(state().find("leases_run_out")->integer(), 1);
}

TEST_F(AgentTest, CountsStartsAndTimeStoodStill) {
  make_tree();
  start({"sleep", "1000"});
  signal("pause");
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  signal("resume");
  std::int64_t stood = state().find("stood_still_ns")->integer();
  EXPECT_GE(stood, 120'000'000);
  EXPECT_LT(stood, 2'000'000'000);
  signal("term");
  ASSERT_TRUE(soon([&] { return process_of(state()) == "stopped"; }));
  EXPECT_EQ(state().find("signal")->integer(), SIGTERM);
  EXPECT_EQ(start({"sleep", "1000"}).find("starts")->integer(), 2);
  EXPECT_EQ(state().find("stood_still_ns")->integer(), stood);
}

TEST_F(AgentTest, ErasesTheDataOfAStoppedNodeOnly) {
  make_tree();
  std::filesystem::create_directories(folder_.path() / "data" / "deep");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  std::ofstream(folder_.path() / "data" / "deep" / "file") << "x";
  std::ofstream(folder_.path() / "kept") << "x";
  Map wipe;
  wipe["do"] = "wipe";
  wipe["folder"] = "/tmp/node/data";
  start({"sleep", "1000"});
  auto refused = agent_->call(wipe, limit);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().context.find("still runs"), std::string::npos);
  signal("kill");
  Value erased = ask(wipe);
  EXPECT_EQ(erased.find("erased")->integer(), 2);
  EXPECT_EQ(erased.find("left")->integer(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "data"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "kept"));
  for (const char* folder : {"", "/", "/..", "data"}) {
    wipe["folder"] = folder;
    EXPECT_FALSE(agent_->call(wipe, limit)) << folder;
  }
}

TEST_F(AgentTest, ItsEndIsTheEndOfAllItStarted) {
  make_tree();
  // The agent tells pids of its own namespace; the parent's view of the sleeper is found by name.
  std::string mark = "1" + std::to_string(::getpid()) + "7";
  start({"sleep", mark});
  auto alive = [&] {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string line;
      if (std::getline(file, line) && line.find(mark) != std::string::npos) return true;
    }
    return false;
  };
  ASSERT_TRUE(soon(alive));
  pid_t outer = agent_->pid();
  agent_.reset();
  EXPECT_FALSE(process_info(outer).has_value());
  EXPECT_TRUE(soon([&] { return !alive(); }));
}

TEST_F(AgentTest, KillingTheOuterProcessEndsTheNode) {
  make_tree();
  std::string mark = "1" + std::to_string(::getpid()) + "8";
  start({"sleep", mark});
  ASSERT_EQ(::kill(agent_->pid(), SIGKILL), 0);
  EXPECT_TRUE(soon([&] {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string line;
      if (std::getline(file, line) && line.find(mark) != std::string::npos) return false;
    }
    return true;
  }));
}

TEST_F(AgentTest, RefusesWhatItDoesNotKnow) {
  Map request;
  request["do"] = "dance";
  auto reply = agent_->call(std::move(request), limit);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().context.find("dance"), std::string::npos);
}

}  // namespace
}  // namespace sunder
