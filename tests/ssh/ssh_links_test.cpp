// Faults of links between hosts: begun, measured by real datagrams, ended, and the end measured;
// gone with their controller, and with an agent that is killed.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "harness/core/json.h"
#include "harness/faultkit/shaping.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

class SshLinksTest : public SshTest {
 protected:
  void open(const std::string& nemesis) {
    name_ = nemesis;
    run_ = std::make_unique<SshRun>(net(), nemesis_named(nemesis));
    ASSERT_EQ(run_->error(), "");
    ASSERT_EQ(run_->control(verb_await_ready), Phase::ok);
  }
  void TearDown() override {
    run_.reset();
    SshTest::TearDown();
  }
  Op act(const std::string& verb, Value value = {}) {
    return run_->perform(Process::nemesis(0), verb + "-" + name_, std::move(value));
  }
  /// The evidence of a begun fault. An effect that a starved machine has blurred is given a second
  /// chance, which a fault without effect would not profit from.
  Value begin(const LinkModel& model) {
    Map value;
    value["targets"] = "one";
    value["model"] = to_value(model);
    Op op = act("start", value);
    if (op.phase != Phase::ok) {
      act("stop");
      op = act("start", value);
    }
    EXPECT_EQ(op.phase, Phase::ok) << to_json(op.value) << op.error;
    const Value* evidence = op.value.find("evidence");
    return evidence != nullptr ? *evidence : Value(Map{});
  }
  void end() {
    Op ended = act("stop");
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
    for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
  }
  void begin_and_end(const std::string& nemesis, const LinkModel& model) {
    open(nemesis);
    begin(model);
    end();
    EXPECT_EQ(run_->control(verb_verify_healed), Phase::ok);
    EXPECT_EQ(run_->client(0, "write", Value::pair(1, 10)).phase, Phase::ok);
  }

  std::string name_;
  std::unique_ptr<SshRun> run_;
};

std::int64_t median_us(const Value& evidence, const char* side) {
  const Value* figures = evidence.find(side);
  const Value* median = figures != nullptr ? figures->find("median_us") : nullptr;
  return median != nullptr ? median->integer() : -1;
}

TEST_F(SshLinksTest, AConstantDelayIsWithinTwoMillisecondsAndTouchesNoOtherLink) {
  open("delay");
  auto within = [](const Value& evidence) {
    std::int64_t grown = median_us(evidence, "with") - median_us(evidence, "without");
    std::int64_t others = median_us(evidence, "others_with") -
                          median_us(evidence, "others_without");
    return std::abs(grown - 20'000) <= 2'000 && others < 2'000;
  };
  // Whatever else this machine does may make packets later, but hardly three times in a row.
  Value evidence = begin({.delay = std::chrono::milliseconds(20)});
  for (int i = 0; i < 2 && !within(evidence); ++i) {
    end();
    evidence = begin({.delay = std::chrono::milliseconds(20)});
  }
  EXPECT_TRUE(within(evidence)) << to_json(evidence);
  end();
}

// The hosts share this machine's kernel.
TEST_F(SshLinksTest, TheWorldSaysWhatBendsPackets) {
  open("delay");
  Status netem = shaping_is_possible();
  std::string said = run_->world().packets();
  EXPECT_EQ(said.substr(0, 5), netem ? "netem" : "queue") << said;
  EXPECT_NE(said.find(" on n1, n2, n3"), std::string::npos) << said;
  std::string why = netem ? "" : "(" + netem.error().context + ")";
  EXPECT_NE(said.find(why), std::string::npos) << said;
  run_.reset();
  TemporaryFolder folder;
  int asked = run_sunder(net(), folder.path(), "raft",
                         {"-n", "loss", "--time-limit", "6s", "--packets", "netem"});
  EXPECT_EQ(asked == 69, !netem) << asked;  // then it is refused, and does not fall back
}

TEST_F(SshLinksTest, DelayByNormalLaw) {
  begin_and_end("delay", {.delay = std::chrono::milliseconds(50),
                          .jitter = std::chrono::milliseconds(10), .spread = Spread::normal});
}
TEST_F(SshLinksTest, LossInRuns) { begin_and_end("loss", {.loss = {1, 5}, .loss_run = 4}); }
TEST_F(SshLinksTest, Duplicates) { begin_and_end("duplicate", {.duplicate = {3, 10}}); }
TEST_F(SshLinksTest, Reordering) {
  begin_and_end("reorder", {.reorder = {3, 10}, .reorder_span = std::chrono::milliseconds(50)});
}
TEST_F(SshLinksTest, CorruptionIsCaughtByChecksums) {
  open("corrupt");
  Value evidence = begin({.corrupt = {1, 5}});
  const Value* refused = evidence.find("bad_checksums");
  ASSERT_NE(refused, nullptr) << to_json(evidence);
  EXPECT_GT(refused->integer(), 0);
  end();
}
TEST_F(SshLinksTest, Rate) { begin_and_end("rate", {.rate = 32768}); }
TEST_F(SshLinksTest, HoldThenFlood) { begin_and_end("jam", {.hold = true}); }

TEST_F(SshLinksTest, Swizzle) {
  open("swizzle");
  Op begun = act("start");
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
  end();
}

TEST_F(SshLinksTest, ABentLinkIsStraightOnceItsAgentIsKilled) {
  open("loss");
  begin({.loss = {1, 2}});
  std::vector<int> bent;
  for (int host = 1; host <= hosts; ++host) {
    if (!net().ruleset(host).empty()) bent.push_back(host);
  }
  ASSERT_FALSE(bent.empty());
  for (int host : bent) {
    pid_t agent = agent_of(host);
    ASSERT_GT(agent, 1);
    ASSERT_EQ(::kill(agent, SIGKILL), 0);
  }
  for (int host : bent) {
    EXPECT_TRUE(soon([&] { return net().ruleset(host).empty(); }));
  }
}

TEST_F(SshLinksTest, ABentLinkDoesNotOutliveItsController) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    open("jam");
    begin({.hold = true});
    (void)!::write(ends[1], "y", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char held = '?';
  ASSERT_EQ(::read(ends[0], &held, 1), 1);
  ::close(ends[0]);
  auto rules = [&] {
    std::string all;
    for (int host = 1; host <= hosts; ++host) all += net().ruleset(host);
    return all;
  };
  EXPECT_NE(rules(), "");
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  EXPECT_TRUE(soon([&] { return rules().empty() && ours() == 0; }));
}

TEST_F(SshLinksTest, ASoundRaftIsValidUnderEveryFaultOfLinks) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "delay,loss,duplicate,reorder,corrupt,rate,jam,swizzle,partition",
                        "--time-limit", "20s"}),
            0);
  EXPECT_EQ(ours(), 0u);
  for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
}

}  // namespace
}  // namespace sunder
