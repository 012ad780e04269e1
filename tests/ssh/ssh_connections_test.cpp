// Clients cut off, single ports cut, and connections reset or refused on hosts: proved by real
// packets, gone when they end, and gone with an agent or a controller that is killed.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "catalogue/nemesis.h"
#include "harness/core/json.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

class SshConnectionsTest : public SshTest {
 protected:
  void open(const std::string& nemesis) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    nemesis_ = *all.find(nemesis);
    run_ = std::make_unique<SshRun>(net(), nemesis_);
    ASSERT_EQ(run_->error(), "");
    ASSERT_EQ(run_->control(verb_await_ready), Phase::ok);
  }
  void TearDown() override {
    run_.reset();
    SshTest::TearDown();
  }
  Op begin(const char* key, Value what) {
    Map value;
    value["targets"] = "n1";
    value["shape"] = "n1";
    value[key] = std::move(what);
    Op op = run_->perform(Process::nemesis(0), nemesis_.verbs.front(), Value(value));
    EXPECT_EQ(op.phase, Phase::ok) << to_json(op.value) << op.error;
    return op;
  }
  void end() {
    Op ended = run_->perform(Process::nemesis(0), nemesis_.verbs.back(), {});
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
    for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
    EXPECT_EQ(run_->control(verb_verify_healed), Phase::ok);
    EXPECT_EQ(run_->client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
  }
  static std::int64_t number(const Op& op, const char* key, const char* inner) {
    const Value* found = op.value.find("evidence");
    found = found != nullptr ? found->find(key) : nullptr;
    if (found != nullptr && *inner != '\0') found = found->find(inner);
    return found != nullptr && found->is_integer() ? found->integer() : -1;
  }

  Nemesis nemesis_;
  std::unique_ptr<SshRun> run_;
};

TEST_F(SshConnectionsTest, ClientsLoseANodeInEachDirectionAndTheControllerDoesNot) {
  open("client-cut");
  for (const char* way : {"requests", "replies", "both"}) {
    Op begun = begin("way", way);
    EXPECT_GT(number(begun, "packets_taken", "n1"), 0);
    EXPECT_EQ(number(begun, "delivered_between_nodes", ""), 6);
    run_->world().drop_connections();  // they come back: SSH's port is not clients'
    end();
  }
}

TEST_F(SshConnectionsTest, AreResetAndStandAgain) {
  open("reset");
  Op struck = begin("between", "both");
  EXPECT_EQ(number(struck, "probes", "reset"), 4);
  EXPECT_EQ(number(struck, "afterwards", "open"), 6);
  EXPECT_GT(number(struck, "segments_reset", ""), 0);
  for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "") << "it is over";
  end();
}

TEST_F(SshConnectionsTest, AreRefused) {
  open("refuse");
  Op begun = begin("between", "both");
  EXPECT_EQ(number(begun, "probes", "refused"), 4);
  EXPECT_EQ(number(begun, "probes", "open"), 2);
  end();
}

TEST_F(SshConnectionsTest, ASinglePortIsCut) {
  open("partition");
  Op begun = begin("port", 7000);
  EXPECT_EQ(number(begun, "lost", ""), 4);
  EXPECT_EQ(number(begun, "delivered_by_other_ports", ""), 6);
  end();
}

TEST_F(SshConnectionsTest, NothingOutlivesAnAgentThatIsKilled) {
  open("refuse");
  begin("between", "both");
  for (int host = 1; host <= hosts; ++host) {
    pid_t agent = agent_of(host);
    ASSERT_GT(agent, 1);
    ASSERT_EQ(::kill(agent, SIGKILL), 0);
  }
  for (int host = 1; host <= hosts; ++host) {
    EXPECT_TRUE(soon([&] { return net().ruleset(host).empty(); }));
  }
}

TEST_F(SshConnectionsTest, ASoundRaftIsValidUnderAllOfThem) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "client-cut,reset,refuse,partition", "--set", "partition.port=7000",
                        "--set", "between=both", "--time-limit", "15s"}),
            0);
  EXPECT_EQ(ours(), 0u);
  for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
}

TEST_F(SshConnectionsTest, AStoreIsStruckAtTheRightPorts) {
  if (::access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "etcd is not installed";
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "etcd",
                       {"-n", "client-cut,reset,partition", "--set", "partition.port=2380",
                        "--set", "between=both", "--time-limit", "12s"}),
            0);
  EXPECT_EQ(ours(), 0u);
  for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
}

}  // namespace
}  // namespace sunder
