// What the kernel is told for a model of a link, read back from the bytes of the requests; and
// which links it is told about at all.

#include "harness/faultkit/netem.h"

#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <numeric>

#include "harness/agent/link_plan.h"

namespace sunder {
namespace {

using std::chrono::milliseconds;
constexpr double whole = 4294967296.0;

/// The attributes of a request's part, by type.
std::map<int, std::string> attributes_of(std::string_view bytes, std::size_t skipped = 0) {
  std::map<int, std::string> found;
  each_attribute(bytes, skipped, [&](int type, std::string_view value) { found[type] = value; });
  return found;
}

template <class T>
T as(const std::string& bytes) {
  T value{};
  EXPECT_GE(bytes.size(), sizeof value);
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

/// A discipline as the kernel reads it.
struct Said {
  explicit Said(const LinkModel& model) {
    NetlinkRequest request;
    put_netem(model, request);
    std::string options = attributes_of(request.bytes())[TCA_OPTIONS];
    basic = as<tc_netem_qopt>(options);
    more = attributes_of(options, sizeof basic);
    std::string numbers = more[TCA_NETEM_DELAY_DIST];
    table.resize(numbers.size() / sizeof(std::int16_t));
    if (!table.empty()) std::memcpy(table.data(), numbers.data(), numbers.size());
    std::sort(table.begin(), table.end());
  }
  std::int64_t nanoseconds(int type) { return as<std::int64_t>(more[type]); }
  /// What a share of the packets is delayed by at most beyond the delay, in jitters.
  double quantile(double share, Duration jitter) {
    auto at = static_cast<std::size_t>(share * static_cast<double>(table.size()));
    return table[at] / 8192.0 * static_cast<double>(nanoseconds(TCA_NETEM_JITTER64)) /
           static_cast<double>(jitter.count());
  }
  tc_netem_qopt basic{};
  std::map<int, std::string> more;
  std::vector<std::int16_t> table;
};

TEST(NetemTest, AConstantDelayIsSaidInNanosecondsAndHasNoTable) {
  Said said({.delay = milliseconds(50)});
  EXPECT_EQ(said.nanoseconds(TCA_NETEM_LATENCY64), 50'000'000);
  EXPECT_EQ(said.basic.latency, 50'000'000u >> 6);
  EXPECT_EQ(said.nanoseconds(TCA_NETEM_JITTER64), 0);
  EXPECT_TRUE(said.table.empty());
  EXPECT_EQ(said.basic.loss, 0u);
  EXPECT_EQ(said.basic.gap, 0u);
  EXPECT_GE(said.basic.limit, 10'000u);
}

TEST(NetemTest, ANormalSpreadHasItsTable) {
  Duration jitter = milliseconds(10);
  Said said({.delay = milliseconds(50), .jitter = jitter, .spread = Spread::normal});
  ASSERT_FALSE(said.table.empty());
  ASSERT_LE(said.table.size(), 16'384u);  // what kernels take
  EXPECT_EQ(std::accumulate(said.table.begin(), said.table.end(), 0), 0);
  double squares = 0;
  for (double number : said.table) squares += number / 8192 * number / 8192;
  EXPECT_NEAR(squares / static_cast<double>(said.table.size()), 1.0, 0.03);
  EXPECT_NEAR(said.quantile(0.84, jitter), 1.0, 0.05);
}

TEST(NetemTest, AParetoSpreadReachesFarAndIsMostlyShort) {
  Duration jitter = milliseconds(10);
  Said said({.delay = milliseconds(50), .jitter = jitter, .spread = Spread::pareto});
  ASSERT_FALSE(said.table.empty());
  EXPECT_NEAR(said.quantile(0.5, jitter), 0.414, 0.03);
  EXPECT_GE(said.table.front(), 0);
  EXPECT_GT(said.quantile(0.9999, jitter), 40.0);
}

TEST(NetemTest, SharesAreSaidOfTwoToThe32) {
  Said said({.loss = {1, 5}});
  EXPECT_NEAR(said.basic.loss / whole, 0.2, 1e-6);
  EXPECT_FALSE(said.more.contains(TCA_NETEM_LOSS));
  EXPECT_NEAR(Said({.duplicate = {3, 10}}).basic.duplicate / whole, 0.3, 1e-6);
  EXPECT_EQ(Said({.loss = {1, 1}}).basic.loss, 0xffffffffu);
}

TEST(NetemTest, LossInRunsIsGilbertsModel) {
  Said said({.loss = {1, 5}, .loss_run = 4});
  EXPECT_EQ(said.basic.loss, 0u);
  auto model = as<tc_netem_gemodel>(attributes_of(said.more[TCA_NETEM_LOSS])[NETEM_LOSS_GE]);
  EXPECT_NEAR(model.p / whole, 1.0 / 16, 1e-6);  // begins: 1/5 of 4/5, in runs of 4
  EXPECT_NEAR(model.r / whole, 1.0 / 4, 1e-6);   // ends
  EXPECT_EQ(model.h, 0u);   // of what arrives in the bad state
  EXPECT_EQ(model.k1, 0u);  // and of what is lost in the good one
}

TEST(NetemTest, ReorderingHoldsAShareBackForAnyPartOfTheSpan) {
  Said said({.reorder = {3, 10}, .reorder_span = milliseconds(50)});
  EXPECT_EQ(said.nanoseconds(TCA_NETEM_LATENCY64), 25'000'000);
  EXPECT_EQ(said.nanoseconds(TCA_NETEM_JITTER64), 25'000'000);
  EXPECT_TRUE(said.table.empty());  // netem's own law is even
  EXPECT_EQ(said.basic.gap, 1u);
  EXPECT_NEAR(as<tc_netem_reorder>(said.more[TCA_NETEM_REORDER]).probability / whole, 0.7, 1e-6);
}

TEST(NetemTest, ARateHasTwoSecondsOfQueue) {
  LinkModel model{.rate = 32'768};
  NetlinkRequest line;
  put_line(model, line);
  std::string fifo = attributes_of(line.bytes())[TCA_OPTIONS];
  EXPECT_EQ(as<tc_fifo_qopt>(fifo).limit, 65'536u);
  NetlinkRequest request;
  put_rate(model, request);
  std::string options = attributes_of(request.bytes())[TCA_OPTIONS];
  auto htb = as<tc_htb_opt>(attributes_of(options)[TCA_HTB_PARMS]);
  EXPECT_EQ(htb.rate.rate, 32'768u);
  EXPECT_EQ(htb.ceil.rate, 32'768u);
  EXPECT_EQ(htb.rate.linklayer, TC_LINKLAYER_ETHERNET);
  EXPECT_EQ(htb.buffer, 1'000'000u / 64);  // makes up for a millisecond, not for frames
}

TEST(NetemTest, WhatItCannotDoAsTheModelMeansItIsNotAskedOfIt) {
  LinkModel delay{.delay = milliseconds(50)};
  EXPECT_TRUE(netem_can(delay));
  EXPECT_FALSE(netem_can({.hold = true}));
  EXPECT_FALSE(netem_can({.frame_max = 1000}));
  EXPECT_FALSE(netem_can({.corrupt = {1, 5}}));
  EXPECT_FALSE(netem_can({.blocked = true}));
  EXPECT_FALSE(netem_can({.delay = milliseconds(1), .jitter = milliseconds(1)}));  // in order
  EXPECT_FALSE(netem_can({.delay = milliseconds(1), .rate = 1000}));
  EXPECT_FALSE(netem_can({.loss = {1, 5}, .duplicate = {1, 5}}));
  EXPECT_FALSE(netem_can({.reorder = {1, 5}}));  // by how much depends on the delay
  LinkModel far{.delay = milliseconds(1), .jitter = std::chrono::seconds(2)};
  far.spread = Spread::normal;
  EXPECT_TRUE(netem_can(far));
  far.spread = Spread::pareto;
  EXPECT_FALSE(netem_can(far));
}

LinkRule rule_of(std::string name, const std::vector<int>& targets, const LinkModel& model) {
  LinkRule rule{std::move(name), {}, model};
  for (int target : targets) rule.links.push_back({NodeId::node(0), NodeId::node(target)});
  return rule;
}

TEST(LinkPlanTest, WithoutShapingEverythingIsQueued) {
  LinkPlan plan = plan_links({rule_of("delay", {1, 2}, {.delay = milliseconds(5)})}, false);
  EXPECT_TRUE(plan.classes.empty());
  ASSERT_EQ(plan.queued.size(), 1u);
  EXPECT_EQ(plan.queued[0].links.size(), 2u);
}

TEST(LinkPlanTest, LinksShareAClassUnlessTheirPacketsHangTogether) {
  LinkPlan delayed = plan_links({rule_of("delay", {1, 2}, {.delay = milliseconds(5)})}, true);
  EXPECT_EQ(delayed.classes.size(), 1u);
  EXPECT_EQ(delayed.classed, (std::map<std::size_t, std::uint16_t>{{1, 2}, {2, 2}}));
  EXPECT_TRUE(delayed.queued.empty());
  for (LinkModel model : {LinkModel{.loss = {1, 5}, .loss_run = 4}, LinkModel{.rate = 5000}}) {
    LinkPlan plan = plan_links({rule_of("each", {1, 2}, model)}, true);
    EXPECT_EQ(plan.classed, (std::map<std::size_t, std::uint16_t>{{1, 2}, {2, 3}}));
  }
}

TEST(LinkPlanTest, ALinkUnderTwoRulesIsQueuedAndTheOthersAreNot) {
  LinkPlan plan = plan_links({rule_of("delay", {1, 2}, {.delay = milliseconds(5)}),
                              rule_of("loss", {2, 3}, {.loss = {1, 5}}),
                              rule_of("jam", {4}, {.hold = true})},
                             true);
  EXPECT_EQ(plan.classed, (std::map<std::size_t, std::uint16_t>{{1, 2}, {3, 4}}));
  ASSERT_EQ(plan.queued.size(), 3u);
  EXPECT_EQ(plan.queued[0].links, rule_of("", {2}, {}).links);
  EXPECT_EQ(plan.queued[1].links, rule_of("", {2}, {}).links);
  EXPECT_EQ(plan.queued[2].links, rule_of("", {4}, {}).links);
}

TEST(LinkPlanTest, ThereIsRoomForFifteenClasses) {
  LinkPlan plan = plan_links({rule_of("rate", {15, 16}, {.rate = 5000})}, true);
  EXPECT_TRUE(plan.classes.empty());
  EXPECT_EQ(plan_links({rule_of("rate", {14}, {.rate = 5000})}, true).classes.size(), 1u);
}

TEST(LinkPlanTest, WhatDoublesIsShapedOnlyWhereNothingElseIs) {
  LinkRule doubles = rule_of("duplicate", {1, 2}, {.duplicate = {3, 10}});
  EXPECT_EQ(plan_links({doubles}, true).classes.size(), 1u);
  LinkPlan both = plan_links({doubles, rule_of("loss", {3}, {.loss = {1, 5}})}, true);
  EXPECT_EQ(both.classed, (std::map<std::size_t, std::uint16_t>{{3, 4}}));
  EXPECT_EQ(both.queued.size(), 1u);
}

}  // namespace
}  // namespace sunder
