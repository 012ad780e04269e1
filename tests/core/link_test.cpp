// The link model: laws of delay, runs of losses, and rules that lie one after another.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness/core/link_rules.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

Link link(int source, int target) { return {NodeId::node(source), NodeId::node(target)}; }

std::vector<Duration> delays_of(const LinkModel& model, int count) {
  LinkLane lane{Rng(1, Stream::of("delays"))};
  std::vector<Duration> delays;
  for (int i = 0; i < count; ++i) delays.push_back(decide_fate(model, lane).delays[0]);
  std::sort(delays.begin(), delays.end());
  return delays;
}

double milliseconds_of(Duration duration) {
  return static_cast<double>(nanoseconds(duration)) / 1e6;
}

Duration mean_of(const std::vector<Duration>& delays) {
  Duration sum{0};
  for (Duration delay : delays) sum += delay;
  return sum / static_cast<std::int64_t>(delays.size());
}

// What lies between two bounds, in thousandths.
double share(const std::vector<Duration>& delays, Duration low, Duration high) {
  auto inside = std::count_if(delays.begin(), delays.end(),
                              [&](Duration delay) { return delay >= low && delay <= high; });
  return 1000.0 * static_cast<double>(inside) / static_cast<double>(delays.size());
}

TEST(LinkLaws, NormalDelaysLieAroundTheirMeanAsTheyShould) {
  auto delays = delays_of({.delay = 50ms, .jitter = 10ms, .spread = Spread::normal}, 20'000);
  EXPECT_NEAR(milliseconds_of(mean_of(delays)), 50, 0.3);
  EXPECT_NEAR(share(delays, 40ms, 60ms), 683, 20);
  EXPECT_NEAR(share(delays, 30ms, 70ms), 954, 15);
  EXPECT_GE(delays.front(), 15ms);
  EXPECT_LE(delays.back(), 85ms);
  // Nothing arrives before it was sent.
  EXPECT_EQ(delays_of({.delay = 1ms, .jitter = 10ms, .spread = Spread::normal}, 100).front(), 0ms);
}

TEST(LinkLaws, ParetoDelaysHaveAHeavyTail) {
  auto delays = delays_of({.delay = 50ms, .jitter = 10ms, .spread = Spread::pareto}, 100'000);
  EXPECT_GE(delays.front(), 50ms);
  EXPECT_NEAR(milliseconds_of(delays[delays.size() / 2]), 54.14, 0.2);
  EXPECT_NEAR(milliseconds_of(mean_of(delays)), 60, 0.6);
  EXPECT_NEAR(share(delays, 140ms, 1h), 10, 2);  // one in a hundred waits ten times the mean
  EXPECT_LE(delays.back(), 50ms + 64 * 10ms);
}

TEST(LinkLaws, LossesComeInRunsOfTheLengthAskedFor) {
  LinkModel model;
  model.loss = {20, 100};
  model.loss_run = 8;
  LinkLane lane{Rng(1, Stream::of("runs"))};
  int lost = 0;
  int runs = 0;
  bool before = false;
  constexpr int count = 200'000;
  for (int i = 0; i < count; ++i) {
    bool now = decide_fate(model, lane).copies == 0;
    lost += now ? 1 : 0;
    runs += now && !before ? 1 : 0;
    before = now;
  }
  EXPECT_NEAR(lost, count / 5, count / 100);
  EXPECT_NEAR(lost * 10 / runs, 80, 4);
}

TEST(LinkModels, GoThroughValues) {
  LinkModel model{.delay = 50ms, .jitter = 10ms, .spread = Spread::pareto, .loss = {1, 5},
                  .loss_run = 4, .duplicate = {30, 100}, .reorder = {1, 3}, .reorder_span = 7ms,
                  .corrupt = {1, 9}, .rate = 32768, .blocked = true, .hold = true};
  Result<LinkModel> back = link_model_from(to_value(model));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, model);
  EXPECT_EQ(*link_model_from(to_value(LinkModel{})), LinkModel{});
}

TEST(LinkModels, AreNotReadFromNonsense) {
  auto refused = [](const char* key, Value value) {
    Map map;
    map[key] = std::move(value);
    return !link_model_from(map);
  };
  EXPECT_FALSE(link_model_from(Value(1)));
  EXPECT_TRUE(refused("delay", 5));
  EXPECT_TRUE(refused("delay", "soon"));
  EXPECT_TRUE(refused("spread", "wide"));
  for (const char* ratio : {"", "1", "1/", "/2", "1/0", "-1/2", "1/2x", "99999999999/1"}) {
    EXPECT_TRUE(refused("loss", ratio)) << ratio;
  }
  EXPECT_TRUE(refused("loss_run", 0));
  EXPECT_TRUE(refused("rate", -1));
  EXPECT_TRUE(refused("hold", "yes"));
}

TEST(LinkRules, LieOneAfterAnother) {
  LinkRules rules(2, {.delay = 1ms}, 1);
  rules.impose("slow", {link(0, 1)}, {.delay = 10ms});
  rules.impose("slower", {link(0, 1)}, {.delay = 20ms, .rate = 500});
  rules.impose("doubled", {link(0, 1)}, {.duplicate = {1, 1}, .rate = 900});
  Fate fate = rules.decide(1, LinkRules::Lane::traffic);
  EXPECT_EQ(fate.copies, 2);
  EXPECT_EQ(fate.delays[0], 31ms);
  EXPECT_EQ(fate.delays[1], 31ms);
  EXPECT_EQ(rules.rate(1), 500);
  EXPECT_EQ(rules.decide(2, LinkRules::Lane::traffic).delays[0], 1ms);  // the other way
  rules.lift("slower");
  EXPECT_EQ(rules.decide(1, LinkRules::Lane::traffic).delays[0], 11ms);
  rules.impose("cut", {link(0, 1)}, {.blocked = true});
  EXPECT_EQ(rules.decide(1, LinkRules::Lane::traffic).copies, 0);
  EXPECT_EQ(rules.in_force().size(), 3u);
}

TEST(LinkRules, ARuleShiftsNoDrawOfAnother) {
  LinkModel lossy{.loss = {1, 2}};
  LinkRules alone(2, {}, 1);
  LinkRules both(2, {}, 1);
  alone.impose("loss", {link(0, 1)}, lossy);
  both.impose("loss", {link(0, 1)}, lossy);
  both.impose("jitter", {link(0, 1)}, {.jitter = 1ms});
  for (int i = 0; i < 200; ++i) {
    if (i % 3 == 0) both.decide(1, LinkRules::Lane::probe);
    EXPECT_EQ(alone.decide(1, LinkRules::Lane::traffic).copies,
              both.decide(1, LinkRules::Lane::traffic).copies);
  }
}

TEST(LinkRules, OnlyNetemsLawsLetPacketsOvertake) {
  LinkRules rules(2, {.delay = 1ms, .jitter = 1ms}, 1);
  EXPECT_TRUE(rules.keeps_order(1));
  rules.impose("delay", {link(0, 1)}, {.delay = 1ms, .jitter = 1ms, .spread = Spread::normal});
  EXPECT_FALSE(rules.keeps_order(1));
  EXPECT_TRUE(rules.keeps_order(2));
}

TEST(LinkRules, FilterByPortAndByWhatASegmentIs) {
  LinkRules rules(3, {}, 1);
  std::size_t at = rules.number_of(link(0, 1));
  EXPECT_TRUE(rules.filter(at).passes_all());
  rules.impose("port", {link(0, 1)}, {.blocked = true, .port = 2380});
  rules.impose("refuse", {link(0, 1)}, {.refuse = true});
  EXPECT_FALSE(rules.blocked(at));
  EXPECT_EQ(rules.decide(at, LinkRules::Lane::traffic).copies, 1) << "other ports pass";
  EXPECT_EQ(rules.filter(at).blocked_ports, std::vector<std::uint16_t>{2380});
  EXPECT_TRUE(rules.filter(at).refuses);
  EXPECT_FALSE(rules.filter(at).resets);
  EXPECT_TRUE(rules.filter(rules.number_of(link(1, 0))).passes_all());
  rules.lift("port");
  rules.lift("refuse");
  EXPECT_TRUE(rules.filter(at).passes_all());
}

TEST(LinkRules, ReachFromClientsToEachNodeAndBack) {
  LinkRules rules(3, {}, 1);
  std::set<std::size_t> numbers;
  for (int node = 0; node < 3; ++node) {
    numbers.insert(rules.number_of({NodeId::all_clients(), NodeId::node(node)}));
    numbers.insert(rules.number_of({NodeId::node(node), NodeId::all_clients()}));
    for (int other = 0; other < 3; ++other) numbers.insert(rules.number_of(link(node, other)));
  }
  EXPECT_EQ(numbers.size(), 15u) << "no two have the same number";
  Link requests{NodeId::all_clients(), NodeId::node(1)};
  rules.impose("cut", {requests}, {.blocked = true});
  EXPECT_TRUE(rules.blocked(rules.number_of(requests)));
  EXPECT_FALSE(rules.blocked(rules.number_of({NodeId::node(1), NodeId::all_clients()})));
  EXPECT_FALSE(rules.blocked(rules.number_of(link(0, 1))));
  EXPECT_EQ(to_string(requests.source), "clients");
}

TEST(LinkModel, SaysWhatItDoesToPortsAndConnections) {
  LinkModel model{.blocked = true, .port = 2380, .refuse = true, .reset = true};
  Result<LinkModel> read = link_model_from(to_value(model));
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_EQ(*read, model);
  EXPECT_FALSE(model.blocks_all());
  EXPECT_FALSE(link_model_from(Map{{"port", -1}}));
}

}  // namespace
}  // namespace sunder
