// Stories about the simulated world as a whole: clients, time-outs, digests.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Script echo{.start = {},
                  .message =
                      [](Runtime& runtime, const Envelope& envelope) {
                        const Ask* ask = envelope.message.as<Ask>();
                        if (ask != nullptr) runtime.send(envelope.source, Answer{ask->number});
                      },
                  .timer = {}};

WorldRecord counter_run(std::uint64_t seed) {
  auto test = counter_test(3, 3, seed);
  SimWorld world(test);
  for (int i = 0; i < 50; ++i) perform(world, i % 3, "ask", i);
  return world.record();
}

TEST(SimWorld, CompletesAnOpEndToEnd) {
  auto test = scripted_test(echo, 3, 1);
  SimWorld world(test);
  pass(world, milliseconds(100));
  std::optional<Op> op = perform(world, 1, "ask", 42);
  ASSERT_TRUE(op);
  EXPECT_EQ(op->phase, Phase::ok);
  EXPECT_EQ(op->value, Value(42));
  // There and back over links with 0.5 ms of delay each.
  EXPECT_GE(op->time, at_start + milliseconds(101));
  EXPECT_EQ(op->time, world.now());
  EXPECT_EQ(world.record().messages, 2u);
}

TEST(SimWorld, TimeStopsExactlyAtTheDeadline) {
  auto test = counter_test(3, 3, 1);
  SimWorld world(test);
  EXPECT_FALSE(world.await(at_start + milliseconds(1234)));
  EXPECT_EQ(world.now(), at_start + milliseconds(1234));
  EXPECT_FALSE(world.await(at_start));  // only polls
  EXPECT_EQ(world.now(), at_start + milliseconds(1234));
}

TEST(SimWorld, ReturnsWhenNothingCanHappenAnyMore) {
  auto test = scripted_test(echo, 1, 1);
  SimWorld world(test);
  EXPECT_FALSE(world.await(never));
  EXPECT_LT(world.now(), at_start + seconds(1));
}

TEST(SimWorld, TheSameSeedGivesTheSameDigest) {
  WorldRecord first = counter_run(7);
  WorldRecord again = counter_run(7);
  EXPECT_EQ(first.digest, again.digest);
  EXPECT_EQ(first.messages, again.messages);
  EXPECT_EQ(first.probes, again.probes);
  EXPECT_GT(first.probes.at("beat"), 0u);
}

TEST(SimWorld, OtherSeedsGiveOtherDigests) {
  std::set<std::string> digests;
  for (std::uint64_t seed = 0; seed < 20; ++seed) digests.insert(counter_run(seed).digest);
  EXPECT_EQ(digests.size(), 20u);
}

TEST(SimWorld, ALostAnswerIsInfoAndTheThreadGetsANewClient) {
  Script deaf = echo;
  deaf.message = [](Runtime& runtime, const Envelope& envelope) {
    const Ask* ask = envelope.message.as<Ask>();
    if (ask->number > 0) runtime.send(envelope.source, Answer{ask->number});
  };
  auto test = scripted_test(deaf, 2, 1);
  test.op_timeout = seconds(2);
  SimWorld world(test);
  pass(world, milliseconds(100));
  std::optional<Op> lost = perform(world, 0, "ask", 0);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->phase, Phase::info);
  EXPECT_EQ(lost->error, "timed out");
  EXPECT_EQ(lost->time, at_start + milliseconds(2100));
  EXPECT_EQ(lost->value, Value(0));  // an info keeps the arguments

  std::optional<Op> next = perform(world, 0 + test.concurrency, "ask", 5);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->phase, Phase::ok);
}

TEST(SimWorld, AnAnswerToAClosedClientIsDropped) {
  Script late = echo;
  std::optional<NodeId> asker;
  late.message = [&](Runtime& runtime, const Envelope& envelope) {
    if (!asker) asker = envelope.source;
    if (envelope.message.as<Ask>()->number == 9) runtime.send(*asker, Answer{1000});
  };
  auto test = scripted_test(late, 1, 1);
  test.op_timeout = milliseconds(50);
  SimWorld world(test);
  pass(world, milliseconds(100));
  EXPECT_EQ(perform(world, 0, "ask", 1)->phase, Phase::info);
  // The new client asks; the node answers the old one, whose number the new one does not bear.
  EXPECT_EQ(perform(world, 1, "ask", 9)->error, "timed out");
}

TEST(SimWorld, ATimeOutOfAFormerOpDoesNotHitALaterOne) {
  auto test = scripted_test(echo, 1, 1);
  test.link = LinkModel{.delay = milliseconds(5)};
  test.op_timeout = milliseconds(100);
  SimWorld world(test);
  pass(world, milliseconds(50));
  for (int i = 0; i < 200; ++i) {
    std::optional<Op> op = perform(world, 0, "ask", i);
    ASSERT_EQ(op->phase, Phase::ok) << i;
    pass(world, milliseconds(1));
  }
}

TEST(SimWorld, AnAnswerOnItsWayToAClosedClientDoesNotReachTheNextOne) {
  Script script = echo;
  script.message = [](Runtime& runtime, const Envelope& envelope) {
    if (envelope.message.as<Ask>()->number == 1) runtime.send(envelope.source, Answer{1});
  };
  auto test = scripted_test(script, 1, 1);
  test.link = LinkModel{.delay = milliseconds(40)};
  test.op_timeout = milliseconds(60);  // the answer comes after 80
  SimWorld world(test);
  pass(world, milliseconds(50));
  EXPECT_EQ(perform(world, 0, "ask", 1)->error, "timed out");
  EXPECT_EQ(perform(world, 1, "ask", 2)->error, "timed out");
}

TEST(SimWorld, ControlOpsAreAnswered) {
  auto test = counter_test(3, 3, 1);
  SimWorld world(test);
  std::int32_t control = test.control().id;
  EXPECT_EQ(perform(world, control, std::string(verb_await_ready), {})->phase, Phase::ok);
  EXPECT_EQ(perform(world, control, std::string(verb_verify_healed), {})->phase, Phase::ok);
}

/// The first twenty complaints name no op, those after them do.
class SumsGrow final : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId, Instant, const Event& event) override {
    if (event.kind != "added" || event.at("sum") < 3) return {};
    BrokenInvariant broken{"a sum reached " + std::to_string(event.at("sum"))};
    if (++complaints_ > 20) broken.ops.push_back({1, "it came late"});
    return broken;
  }

 private:
  int complaints_ = 0;
};

TEST(SimWorld, BrokenInvariantsAreRecordedWithTimeAndNodeAndAreFewOfEachKind) {
  auto test = counter_test(1, 1, 1);
  test.system.make_invariants = [] { return std::make_unique<SumsGrow>(); };
  SimWorld world(test);
  pass(world, milliseconds(10));
  for (int i = 0; i < 50; ++i) perform(world, 0, "ask", i);
  std::vector<BrokenInvariant> broken = world.record().broken_invariants;
  ASSERT_EQ(broken.size(), 20u);
  EXPECT_TRUE(broken[9].ops.empty());
  EXPECT_EQ(broken[10].ops.size(), 1u);
  EXPECT_NE(broken.front().sentence.find("on n1: a sum reached 3"), std::string::npos);
}

TEST(SimWorld, TheTraceSinkSeesProtocolAndMachine) {
  auto test = counter_test(1, 1, 1);
  Hand hand(test);
  std::map<std::string, int> seen;
  SimWorld world(test, {.trace = [&](Instant, NodeId, const Event& event) {
                   ++seen[std::string(event.kind)];
                 }});
  pass(world, milliseconds(10));
  hand.kill(world, 0);
  hand.start(world, 0);
  EXPECT_EQ(seen["started"], 2);
  EXPECT_EQ(seen["killed"], 1);
  EXPECT_EQ(seen["recovered"], 2);
}

}  // namespace
}  // namespace sunder::testing
