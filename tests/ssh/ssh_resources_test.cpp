// Hosts whose nodes run out of something: effect and end of every such fault, with their proofs.
// What was made scarce is not so any longer once the controller, an agent or both are killed.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "harness/core/json.h"
#include "harness/faultkit/control_group.h"
#include "tests/ssh/support/host_state.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

constexpr std::array<const char*, 8> names = {"cpu",       "memory", "pids",  "descriptors",
                                              "slow-disk", "ports",  "pause", "kill"};

class SshResources : public SshTest {
 protected:
  void SetUp() override {
    SshTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (auto places = find_control_groups(); !places) GTEST_SKIP() << places.error().context;
    EXPECT_TRUE(soon([] { return groups_of(net()).empty(); }));
    ports_ = local_ports_of(net());
  }
  void TearDown() override {
    run_.reset();
    SshTest::TearDown();
    if (IsSkipped()) return;
    EXPECT_TRUE(soon([] { return groups_of(net()).empty(); }));
    EXPECT_EQ(local_ports_of(net()), ports_);
  }

  void open() {
    std::vector<Nemesis> nemeses;
    for (const char* name : names) nemeses.push_back(nemesis_named(name));
    run_ = std::make_unique<SshRun>(net(), std::move(nemeses));
    ASSERT_EQ(run_->error(), "");
    ASSERT_EQ(run_->control(verb_await_ready), Phase::ok);
  }
  Op begin(const std::string& name, std::int64_t amount) {
    Map map;
    map["targets"] = "n2";
    map["amount"] = amount;
    return run_->perform(run_->nemesis(name), "exhaust-" + name, std::move(map));
  }
  Op end(const std::string& name) {
    return run_->perform(run_->nemesis(name), "restore-" + name, {});
  }
  Op freeze() {
    Map by;
    by["targets"] = "n2";
    by["by"] = "freezer";
    return run_->perform(run_->nemesis("pause"), "pause", std::move(by));
  }
  static Value measured(const Op& op) {
    const Value* found = op.value.find("evidence");
    for (const char* key : {"measured", "n2"}) {
      if (found != nullptr) found = found->find(key);
    }
    return found != nullptr ? *found : Value(Map{});
  }
  /// Begins and ends it, each with proof. The evidence on n2 while it was on.
  Value story(const std::string& name, std::int64_t amount) {
    Op begun = begin(name, amount);
    // An effect that a starved machine has blurred is given another chance, which a fault without
    // effect would not profit from.
    for (int i = 0; i < 2 && begun.phase != Phase::ok; ++i) {
      (void)end(name);
      begun = begin(name, amount);
    }
    EXPECT_EQ(begun.phase, Phase::ok) << name << begun.error << to_json(begun.value);
    Op ended = end(name);
    EXPECT_EQ(ended.phase, Phase::ok) << name << ended.error << to_json(ended.value);
    EXPECT_EQ(run_->control(verb_verify_healed), Phase::ok);
    return measured(begun);
  }
  /// Everything that may outlive an agent is in force on n2.
  void break_much() {
    open();
    for (const char* name : {"cpu", "ports"}) {  // measured elsewhere
      ASSERT_NE(begin(name, 10).phase, Phase::fail) << name;
    }
    ASSERT_EQ(freeze().phase, Phase::ok);
    ASSERT_NE(local_ports_of(net()), ports_);
    ASSERT_FALSE(groups_of(net()).empty());
  }
  bool is_undone() {
    return soon([] { return groups_of(net()).empty(); }) &&
           soon([&] { return local_ports_of(net()) == ports_; });
  }

  std::unique_ptr<SshRun> run_;
  std::string ports_;  // before
};

/// Of the evidence: what the kernel answered, or how often it refused.
std::string refusal_in(const Value& seen) {
  const Value* found = seen.find("refusal");
  return found != nullptr ? found->text() : "";
}
std::int64_t refused_in(const Value& seen) {
  const Value* found = seen.find("refused");
  return found != nullptr ? found->integer() : 0;
}

TEST_F(SshResources, WhatIsScarceIsMeasuredAndIsThereAgainInTheEnd) {
  open();
  if (HasFatalFailure()) return;
  EXPECT_GT(refused_in(story("cpu", 10)), 0) << "periods held back";
  EXPECT_EQ(refusal_in(story("pids", 0)), "fork: Resource temporarily unavailable");
  EXPECT_GT(refused_in(story("descriptors", 0)), 0) << "connections that nobody takes";
  EXPECT_EQ(refusal_in(story("ports", 0)), "connect: Cannot assign requested address");
  EXPECT_GE(refused_in(story("memory", 4 << 20)), 1) << "kills for want of memory";
  EXPECT_EQ(run_->client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
}

TEST_F(SshResources, WritesToASlowDiskAreSlow) {
  open();
  Op begun = begin("slow-disk", 65536);
  if (begun.error.find("lies on no disk") != std::string::npos) GTEST_SKIP() << begun.error;
  EXPECT_EQ(begun.phase, Phase::ok) << begun.error << to_json(begun.value);
  Op ended = end("slow-disk");
  EXPECT_EQ(ended.phase, Phase::ok) << ended.error;
  EXPECT_GT(measured(ended).find("used")->integer(), 2 * 65536) << "as fast as before";
}

TEST_F(SshResources, TheFreezerPausesANodeThatCanStillBeKilled) {
  open();
  Op paused = freeze();
  EXPECT_EQ(paused.phase, Phase::ok) << paused.error;
  EXPECT_EQ(run_->perform(run_->nemesis("pause"), "resume", {}).phase, Phase::ok);
  EXPECT_EQ(freeze().phase, Phase::ok);
  Map whom;
  whom["targets"] = "n2";
  EXPECT_EQ(run_->perform(run_->nemesis("kill"), "kill", whom).phase, Phase::ok);
  EXPECT_EQ(run_->perform(run_->nemesis("kill"), "start", {}).phase, Phase::ok);
}

TEST_F(SshResources, WithoutAFaultThatNeedsOneThereIsNoGroup) {
  run_ = std::make_unique<SshRun>(net(), nemesis_named("kill"));
  ASSERT_EQ(run_->error(), "");
  EXPECT_TRUE(groups_of(net()).empty());
}

TEST_F(SshResources, NothingOutlivesAKilledAgent) {
  break_much();
  if (HasFatalFailure()) return;
  pid_t agent = agent_of(2);
  ASSERT_GT(agent, 1);
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  EXPECT_TRUE(soon([&] { return local_ports_of(net()) == ports_; }));
  EXPECT_TRUE(soon([&] { return ours() == 2; })) << "its node has ended, though it was frozen";
}

TEST_F(SshResources, NothingOutlivesItsController) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    break_much();
    (void)!::write(ends[1], HasFatalFailure() ? "n" : "y", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char broken = '?';
  ASSERT_EQ(::read(ends[0], &broken, 1), 1);
  ::close(ends[0]);
  EXPECT_EQ(broken, 'y');
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  EXPECT_TRUE(is_undone());
  EXPECT_TRUE(soon([&] { return ours() == 0; }));
}

TEST_F(SshResources, WhatAKilledAgentAndItsWatchdogLeaveTheNextAgentUndoes) {
  break_much();
  if (HasFatalFailure()) return;
  pid_t agent = agent_of(2);
  pid_t watchdog = watchdog_of(2);
  ASSERT_GT(watchdog, 1);
  ASSERT_EQ(::kill(watchdog, SIGKILL), 0);
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  EXPECT_NE(local_ports_of(net()), ports_) << "nobody is left to undo it";
  run_.reset();
  open();
  EXPECT_EQ(local_ports_of(net()), ports_);
  EXPECT_EQ(run_->client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
}

TEST_F(SshResources, ASoundRaftIsValidThoughItsNodesRunOutOfEverything) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "cpu,memory,pids,descriptors,ports,pause", "--set",
                        "pause.by=freezer", "--time-limit", "12s"}),
            0);
  EXPECT_EQ(ours(), 0u);
}

}  // namespace
}  // namespace sunder
