// The ssh world on three hosts of one machine: real servers, agents, nodes, cuts; nothing is left.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/real/ssh/session.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

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
    if (op.verb == "instruct") {
      return cluster.instruct(first, std::string(change_voters), op.value, done);
    }
    if (op.verb == "voters") {
      return cluster.look(first, [complete](const NodeReport& report) {
        complete(Outcome::ok(encode_field(report.status.voters)));
      });
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

class SshWorldTest : public SshTest {};

TEST_F(SshWorldTest, PlaysKillsPausesCutsAndLeavesNothing) {
  SshRun run(net(), hand());
  ASSERT_EQ(run.error(), "");
  ASSERT_EQ(run.control(verb_await_ready), Phase::ok);
  EXPECT_EQ(run.client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
  EXPECT_EQ(to_json(run.client(1, "read", Value::pair(1, {})).value), "[1,10]");
  EXPECT_EQ(run.fault("probe"), "[6,0]");
  EXPECT_EQ(ours(), 3u);
  EXPECT_EQ(run.fault("voters"), R"(["n1","n2","n3"])");
  EXPECT_NE(run.fault("instruct", Value::list_of("n2")), "null") << "its voters are fixed";

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
  SshRun run(net(), hand());
  ASSERT_EQ(run.error(), "");
  EXPECT_EQ(run.fault("cut"), "null");
  EXPECT_NE(net().ruleset(2), before);
  run.end();  // without healing
  EXPECT_EQ(net().ruleset(2), before);
  EXPECT_TRUE(
      (*session)->output_of({.command = {"/usr/sbin/nft", "delete", "table", "inet", "x"}}));
}

TEST_F(SshWorldTest, ALostConnectionLosesNoRequestAndIsRecorded) {
  SshRun run(net(), hand());
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
    SshRun run(net(), hand());
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
  SshRun run(net(), hand());
  ASSERT_EQ(run.error(), "");
  ASSERT_EQ(run.fault("cut"), "null");
  pid_t agent = agent_of(2);
  ASSERT_GT(agent, 1);
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  EXPECT_TRUE(soon([&] { return net().ruleset(2).empty(); }));
  EXPECT_TRUE(soon([&] { return ours() == 2; }));
}

TEST_F(SshWorldTest, ASecondControllerIsRefusedWhileTheFirstLives) {
  SshRun first(net(), hand());
  ASSERT_EQ(first.error(), "");
  ASSERT_EQ(first.control(verb_await_ready), Phase::ok);
  SshRun second(net(), hand());
  EXPECT_NE(second.error().find("another run uses this host"), std::string::npos)
      << second.error();
  EXPECT_EQ(first.control(verb_await_ready), Phase::ok);
}

TEST_F(SshWorldTest, VotersLeadersAndProgramsOfASoundRaftAreExchanged) {
  TemporaryFolder folder;
  std::filesystem::path build = folder.path() / "another-build";
  std::filesystem::copy_file(std::string(SUNDER_BINARY_DIR) + "/sunder-node", build);
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "members,transfer,swap", "--set", "least=2", "--set",
                        "swap.program=" + build.string(), "--time-limit", "10s"}),
            0);
  std::size_t uploaded = 0;
  for (const SshHost& host : net().hosts()) {
    for (const auto& file : std::filesystem::directory_iterator(host.folder + "/bin")) {
      if (file.path().filename().string().starts_with("another-build-")) ++uploaded;
    }
  }
  EXPECT_EQ(uploaded, 3u);
  EXPECT_EQ(ours(), 0u);
}

TEST_F(SshWorldTest, AStoreRunsOnHostsThatHaveNotInstalledIt) {
  if (::access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "etcd is not installed";
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "etcd",
                       {"-n", "partition,kill", "--time-limit", "8s"}),
            0);
  std::size_t uploaded = 0;
  for (const SshHost& host : net().hosts()) {
    for (const auto& file : std::filesystem::directory_iterator(host.folder + "/bin")) {
      if (file.path().filename().string().starts_with("etcd-")) ++uploaded;
    }
  }
  EXPECT_EQ(uploaded, 3u);
  EXPECT_EQ(ours(), 0u);
}

}  // namespace
}  // namespace sunder
