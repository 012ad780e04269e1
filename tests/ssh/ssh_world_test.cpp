// The ssh world on three hosts of one machine: real servers, agents, nodes, cuts; nothing is left.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "harness/cli/catalogues.h"
#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/real/ssh/session.h"
#include "harness/real/ssh/ssh_world.h"
#include "tests/ssh/support/host_net.h"

namespace sunder {
namespace {

constexpr int hosts = 3;

/// A nemesis whose verbs are the calls of a cluster, on n1.
Nemesis hand() {
  Nemesis nemesis;
  nemesis.name = "hand";
  nemesis.needs = {Ability::links, Ability::processes};
  nemesis.apply = [](const Op& op, FaultScene& scene, std::function<void(Outcome)> complete) {
    Cluster& cluster = scene.cluster;
    auto done = [complete](const Status& status) {
      complete(status ? Outcome::ok({}) : Outcome::info(status.error().context));
    };
    NodeId first = NodeId::node(0);
    if (op.verb == "kill") return cluster.kill(first, done);
    if (op.verb == "start") return cluster.start(first, done);
    if (op.verb == "pause") return cluster.pause(first, done);
    if (op.verb == "resume") return cluster.resume(first, done);
    if (op.verb == "heal") return cluster.lift("cut", done);
    if (op.verb == "slow") {
      return cluster.impose("slow", {{first, NodeId::node(1)}},
                            {.delay = std::chrono::milliseconds(5)}, done);
    }
    if (op.verb == "cut") {  // n1 hears the others; they do not hear n1
      std::vector<Link> links = {{first, NodeId::node(1)}, {first, NodeId::node(2)}};
      return cluster.impose("cut", links, {.blocked = true}, done);
    }
    cluster.probe_links([complete](const LinkProbe& probe) {
      complete(Outcome::ok(Value::pair(static_cast<std::int64_t>(probe.delivered.size()),
                                       static_cast<std::int64_t>(probe.lost.size()))));
    });
  };
  return nemesis;
}

Test raft_test() {
  Catalogues catalogues = all_catalogues();
  Test test;
  test.name = "raft";
  test.seed = 1;
  test.nodes = hosts;
  test.concurrency = 2;
  test.system = *catalogues.systems.find("raft");
  test.config.options = *Options::parse(test.system.options, {});
  test.config.datatype = "register";
  test.nemeses = {hand()};
  test.op_timeout = std::chrono::seconds(5);
  test.ready_timeout = std::chrono::seconds(30);
  return test;
}

/// A world on the hosts of a net, and one op at a time.
class SshRun {
 public:
  explicit SshRun(HostNet& net) : test_(raft_test()) {
    std::filesystem::path binaries = SUNDER_BINARY_DIR;
    SshOptions options{.hosts = net.hosts(),
                       .run_folder = folder_.path(),
                       .agent_binary = binaries / "sunder-agent",
                       .node_binary = binaries / "sunder-node",
                       .patience_seconds = 2};
    auto created = SshWorld::create(test_, options, journal_);
    if (created) {
      world_ = *std::move(created);
    } else {
      error_ = created.error().context;
    }
  }
  const std::string& error() const { return error_; }
  SshWorld& world() { return *world_; }
  void end() { world_.reset(); }
  const MemoryJournal& journal() const { return journal_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  Op perform(Process process, std::string verb, Value value) {
    Op op;
    op.process = process;
    op.verb = std::move(verb);
    op.value = std::move(value);
    world_->dispatch(op);
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  Op client(int process, std::string verb, Value value) {
    return perform(Process{process}, std::move(verb), std::move(value));
  }
  /// The value of a fault's completion as JSON, its error if it has one.
  std::string fault(std::string verb) {
    Op done = perform(Process::nemesis(0), std::move(verb), {});
    return done.phase == Phase::ok ? to_json(done.value) : done.error;
  }
  Phase control(std::string_view verb) {
    return perform(test_.control(), std::string(verb), {}).phase;
  }

 private:
  TemporaryFolder folder_;
  Test test_;
  MemoryJournal journal_;
  std::string error_;
  std::unique_ptr<SshWorld> world_;
};

class SshWorldTest : public testing::Test {
 protected:
  /// One for all tests, so that the hosts have our binaries from the second run on.
  static HostNet& net() {
    static const auto net = std::make_unique<HostNet>(hosts);
    return *net;
  }
  void SetUp() override {
    if (!no_sshd_here().empty()) GTEST_SKIP() << no_sshd_here();
    if (::access("/usr/sbin/nft", X_OK) != 0) GTEST_SKIP() << "nftables is not installed";
    ASSERT_EQ(net().wrong(), "");
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_TRUE(soon([] { return agents() == 0; }));
  }
  /// Hosts whose agent holds its lock.
  static std::size_t agents() {
    std::size_t found = 0;
    for (const SshHost& host : net().hosts()) {
      Descriptor lock(::open((host.folder + "/lock").c_str(), O_RDWR | O_CLOEXEC));
      if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) ++found;
    }
    return found;
  }
  /// Processes that our agents have started or are, on any host.
  static std::size_t ours() {
    std::size_t found = 0;
    for (const SshHost& host : net().hosts()) {
      found += marked_with("SUNDER_HOST=" + host.folder).size();
    }
    return found;
  }
  template <class Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 1500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

TEST_F(SshWorldTest, PlaysKillsPausesCutsAndLeavesNothing) {
  SshRun run(net());
  ASSERT_EQ(run.error(), "");
  ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
  EXPECT_EQ(run.client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
  EXPECT_EQ(to_json(run.client(1, "read", Value::pair(1, {})).value), "[1,10]");
  EXPECT_EQ(run.fault("probe"), "[6,0]");
  EXPECT_EQ(ours(), 3u);

  EXPECT_EQ(run.fault("kill"), "null");
  EXPECT_EQ(ours(), 2u);
  EXPECT_EQ(run.fault("start"), "null");
  EXPECT_EQ(ours(), 3u);
  EXPECT_EQ(run.fault("pause"), "null");
  EXPECT_EQ(run.fault("resume"), "null");
  ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
  EXPECT_EQ(to_json(run.client(2, "read", Value::pair(1, {})).value), "[1,10]");

  EXPECT_EQ(run.fault("cut"), "null");
  EXPECT_EQ(run.fault("probe"), "[4,2]");
  EXPECT_NE(net().ruleset(2).find("10.77.0.1"), std::string::npos);
  EXPECT_EQ(net().ruleset(1).find("table"), std::string::npos);  // nobody is cut off from hearing
  EXPECT_EQ(run.fault("heal"), "null");
  EXPECT_EQ(run.fault("probe"), "[6,0]");
  EXPECT_EQ(net().ruleset(2), "");
  EXPECT_EQ(run.control(verb_verify_healed), Phase::ok);
  EXPECT_NE(run.fault("slow").find("can only cut links"), std::string::npos);

  WorldRecord record = run.world().record();
  EXPECT_TRUE(record.broken_invariants.empty());
  EXPECT_NE(record.invariants_watched, "");
  EXPECT_TRUE(std::filesystem::exists(run.folder() / "nodes/n3/node.log"));
  EXPECT_GT(std::filesystem::file_size(run.folder() / "trace.jsonl"), 1000u);
  EXPECT_FALSE(run.journal().open().empty());
  run.end();
  EXPECT_TRUE(run.journal().open().empty());
  EXPECT_EQ(ours(), 0u);
}

TEST_F(SshWorldTest, AForeignTableIsLeftAlone) {
  auto session = SshSession::open(net().hosts()[1], std::chrono::seconds(5));
  ASSERT_TRUE(session);
  ASSERT_TRUE((*session)->output_of({.command = {"/usr/sbin/nft", "add", "table", "inet", "x"}}));
  std::string before = net().ruleset(2);
  SshRun run(net());
  ASSERT_EQ(run.error(), "");
  EXPECT_EQ(run.fault("cut"), "null");
  EXPECT_NE(net().ruleset(2), before);
  run.end();  // without healing
  EXPECT_EQ(net().ruleset(2), before);
  EXPECT_TRUE(
      (*session)->output_of({.command = {"/usr/sbin/nft", "delete", "table", "inet", "x"}}));
}

TEST_F(SshWorldTest, ALostConnectionLosesNoRequestAndIsRecorded) {
  SshRun run(net());
  ASSERT_EQ(run.error(), "");
  ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
  for (int i = 0; i < 3; ++i) {
    run.world().drop_connections();
    EXPECT_EQ(run.fault("kill"), "null");
    run.world().drop_connections();
    EXPECT_EQ(run.fault("start"), "null");
  }
  EXPECT_EQ(ours(), 3u);
  ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
  std::vector<HarnessLag> lags = run.world().record().lags;
  EXPECT_TRUE(std::any_of(lags.begin(), lags.end(), [](const HarnessLag& lag) {
    return lag.where == "connection to n1";
  }));
}

TEST_F(SshWorldTest, ACutDoesNotOutliveItsControllerNorDoTheNodes) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    SshRun run(net());
    bool cut = run.error().empty() && run.fault("cut") == "null";
    (void)!::write(ends[1], cut ? "y" : "n", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char cut = '?';
  ASSERT_EQ(::read(ends[0], &cut, 1), 1);
  ASSERT_EQ(cut, 'y');
  EXPECT_NE(net().ruleset(2), "");
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  ::close(ends[0]);
  EXPECT_TRUE(soon([&] { return net().ruleset(2).empty() && net().ruleset(3).empty(); }));
  EXPECT_TRUE(soon([&] { return ours() == 0; }));
}

TEST_F(SshWorldTest, ACutDoesNotOutliveAKilledAgent) {
  SshRun run(net());
  ASSERT_EQ(run.error(), "");
  ASSERT_EQ(run.fault("cut"), "null");
  // The agent is the parent of the node.
  std::vector<pid_t> nodes = marked_with("SUNDER_HOST=" + net().hosts()[1].folder);
  ASSERT_EQ(nodes.size(), 1u);
  std::ifstream stat("/proc/" + std::to_string(nodes[0]) + "/stat");
  std::string text;
  std::getline(stat, text);
  pid_t agent = 0;
  std::sscanf(text.c_str() + text.rfind(')'), ") %*c %d", &agent);
  ASSERT_GT(agent, 1);
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  EXPECT_TRUE(soon([&] { return net().ruleset(2).empty(); }));
  EXPECT_TRUE(soon([&] { return ours() == 2; }));
}

TEST_F(SshWorldTest, ASecondControllerIsRefusedWhileTheFirstLives) {
  SshRun first(net());
  ASSERT_EQ(first.error(), "");
  ASSERT_EQ(first.control(verb_await_ready), Phase::ok);
  SshRun second(net());
  EXPECT_NE(second.error().find("another run uses this host"), std::string::npos)
      << second.error();
  EXPECT_EQ(first.control(verb_await_ready), Phase::ok);
}

/// A whole run of the command line on the hosts. Its exit code.
int run_sunder(const HostNet& net, const std::filesystem::path& folder,
               const std::vector<std::string>& more) {
  std::ofstream file(folder / "hosts");
  for (const SshHost& host : net.hosts()) {
    file << host.address << " 22 root " << host.keys[0].string()
         << " host-keys=accept-new known-hosts=" << host.known_hosts[0].string()
         << " folder=" << host.folder << '\n';
  }
  file.close();
  std::vector<std::string> command = {std::string(SUNDER_BINARY_DIR) + "/sunder", "run", "raft",
                                      "-w", "register", "--world", "ssh", "--nodes", "3",
                                      "--rate", "100", "--interval", "1s", "--seed", "7"};
  for (const char* word : {"--hosts", "--store"}) {
    command.emplace_back(word);
    command.push_back(folder / (command.back() == "--hosts" ? "hosts" : "store"));
  }
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command);
}

TEST_F(SshWorldTest, ASoundRaftIsValidUnderCutsKillsAndPauses) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), {"-n", "partition,kill,pause", "--time-limit", "8s"}),
            0);
  EXPECT_EQ(ours(), 0u);
  for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
}

}  // namespace
}  // namespace sunder
