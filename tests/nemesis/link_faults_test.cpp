// Faults of links against an imagined cluster: what is measured decides whether they happened.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/core/history.h"
#include "nemesis/policy/link_fault.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 7> link_faults = {"delay",   "loss", "duplicate", "reorder",
                                                    "corrupt", "rate", "jam"};

Nemesis nemesis_named(std::string_view name) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  const Nemesis* found = all.find(name);
  ASSERT(found != nullptr);
  return *found;
}

FaultReport report_of(const Outcome& outcome) {
  HistoryBuilder builder;
  Op op;
  op.value = outcome.value;
  builder.add(op);
  History history = builder.take();
  Result<FaultReport> report = fault_report_from(history[0].value);
  ASSERT_MSG(report, to_json(outcome.value));
  return *report;
}

Value want(const char* key, Value value) {
  Map map;
  map[key] = std::move(value);
  return map;
}

class LinkFaults : public ::testing::TestWithParam<const char*> {
 protected:
  std::string begin() const { return "start-" + std::string(GetParam()); }
  std::string end() const { return "stop-" + std::string(GetParam()); }
  Nemesis nemesis_ = nemesis_named(GetParam());
  Rng rng_{11, Stream::of("test")};
};

TEST_P(LinkFaults, IsMeasuredWhileItIsOnAndGoneAfterwards) {
  FakeCluster cluster(5, 2);
  Outcome on = cluster.apply(nemesis_, rng_, begin(), want("targets", "leader"));
  FaultReport report = report_of(on);
  EXPECT_EQ(on.phase, Phase::ok) << to_json(on.value);
  EXPECT_TRUE(report.on && report.confirmed);
  EXPECT_EQ(report.targets.size(), 8u);
  ASSERT_EQ(cluster.link_rules().size(), 1u);
  Outcome off = cluster.apply(nemesis_, rng_, end());
  EXPECT_EQ(off.phase, Phase::ok) << to_json(off.value);
  EXPECT_FALSE(report_of(off).on);
  EXPECT_EQ(report_of(off).targets, report.targets);
  EXPECT_TRUE(cluster.link_rules().empty());
}

TEST_P(LinkFaults, ThatDoesNotHappenIsNotConfirmed) {
  FakeCluster cluster(5);
  cluster.dead = true;
  Outcome outcome = cluster.apply(nemesis_, rng_, begin());
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_NE(report_of(outcome).evidence.find("amiss"), nullptr);
  EXPECT_GT(cluster.waited, 0s);  // it did look more than once
}

TEST_P(LinkFaults, ThatDoesNotEndIsNotConfirmedToHaveEnded) {
  FakeCluster cluster(5);
  EXPECT_EQ(cluster.apply(nemesis_, rng_, begin()).phase, Phase::ok);
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(nemesis_, rng_, end()).phase, Phase::info);
}

TEST_P(LinkFaults, OfLinksThatCarryNothingAnywayIsNotConfirmed) {
  FakeCluster cluster(2);
  cluster.broken = {{NodeId::node(0), NodeId::node(1)}, {NodeId::node(1), NodeId::node(0)}};
  EXPECT_EQ(cluster.apply(nemesis_, rng_, begin()).phase, Phase::info);
}

TEST_P(LinkFaults, Refused) {
  FakeCluster cluster(3);
  cluster.refuses = true;
  Outcome outcome = cluster.apply(nemesis_, rng_, begin());
  EXPECT_EQ(outcome.phase, Phase::fail);
  EXPECT_EQ(outcome.why, "no such device");
}

INSTANTIATE_TEST_SUITE_P(All, LinkFaults, testing::ValuesIn(link_faults),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(LinkEffects, ADelayThatStrikesEveryoneIsNotTheOneAskedFor) {
  Rng rng(11, Stream::of("test"));
  FakeCluster cluster(5);
  cluster.everywhere_slower = 50ms;
  Outcome outcome = cluster.apply(nemesis_named("delay"), rng, "start-delay");
  EXPECT_EQ(outcome.phase, Phase::info);
}

TEST(LinkEffects, LossMustBeTheShareAskedFor) {
  Rng rng(11, Stream::of("test"));
  Nemesis loss = nemesis_named("loss");
  FakeCluster cluster(5);
  // Half of everything is lost, where a fifth should be: somebody else's fault helps.
  cluster.apply(nemesis_named("duplicate"), rng, "start-duplicate");
  LinkModel half;
  half.loss = {1, 2};
  bool imposed = false;
  cluster.impose("other", {{NodeId::node(0), NodeId::node(1)}}, half,
                 [&](const Status&) { imposed = true; });
  Outcome outcome = cluster.apply(loss, rng, "start-loss", want("targets", "all"));
  EXPECT_EQ(outcome.phase, Phase::ok) << to_json(outcome.value);  // it was there before
  EXPECT_TRUE(imposed);
  EXPECT_EQ(cluster.apply(loss, rng, "stop-loss").phase, Phase::ok);
}

TEST(LinkEffects, TheModelIsInTheOp) {
  Rng rng(11, Stream::of("test"));
  FakeCluster cluster(3);
  LinkModel model{.delay = 7ms};
  cluster.apply(nemesis_named("delay"), rng, "start-delay", want("model", to_value(model)));
  ASSERT_EQ(cluster.link_rules().size(), 1u);
  EXPECT_EQ(cluster.link_rules()[0].model, model);
}

TEST(LinkEffects, LinksAreThoseAskedFor) {
  Rng rng(11, Stream::of("test"));
  FakeCluster cluster(4);
  NodeId n2 = NodeId::node(1);
  EXPECT_EQ(links_of("around", {n2}, cluster.nodes(), rng).size(), 6u);
  for (const Link& link : links_of("in", {n2}, cluster.nodes(), rng)) EXPECT_EQ(link.target, n2);
  for (const Link& link : links_of("out", {n2}, cluster.nodes(), rng)) EXPECT_EQ(link.source, n2);
  EXPECT_EQ(links_of("single", {n2}, cluster.nodes(), rng).size(), 2u);
  EXPECT_TRUE(links_of("around", {n2}, std::vector{n2}, rng).empty());
}

TEST(Swizzle, JamsOneNodeAfterAnotherAndFreesThem) {
  Rng rng(11, Stream::of("test"));
  Nemesis swizzle = nemesis_named("swizzle");
  for (int round = 0; round < 20; ++round) {
    FakeCluster cluster(5);
    Value pace = want("gap_ns", nanoseconds(400ms));
    Outcome on = cluster.apply(swizzle, rng, "start-swizzle", pace);
    EXPECT_EQ(on.phase, Phase::ok) << to_json(on.value);
    std::size_t nodes = report_of(on).targets.size();
    EXPECT_EQ(cluster.link_rules().size(), nodes);
    EXPECT_EQ(cluster.waited, static_cast<int>(nodes) * 400ms);
    Outcome off = cluster.apply(swizzle, rng, "stop-swizzle", pace);
    EXPECT_EQ(off.phase, Phase::ok) << to_json(off.value);
    EXPECT_TRUE(cluster.link_rules().empty());
  }
  FakeCluster cluster(5);
  cluster.dead = true;
  // Nothing was held: the proof reads the rules back, and there is none to prove.
  Outcome outcome = cluster.apply(swizzle, rng, "start-swizzle");
  EXPECT_EQ(outcome.phase, Phase::info) << to_json(outcome.value);
}

}  // namespace
}  // namespace sunder
