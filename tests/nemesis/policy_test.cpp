// Schedules, targets and the shapes of partitions.

#include <gtest/gtest.h>

#include <set>

#include "harness/generate/simulate.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/shapes.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

NodeReports cluster_of(int count, int leader) {
  FakeCluster cluster(count, leader);
  NodeReports reports;
  for (int i = 0; i < count; ++i) reports.push_back(cluster.report(i));
  return reports;
}

// Whom a node can both hear and reach, itself included.
std::set<NodeId> seen_by(NodeId node, const Cut& cut, int count) {
  std::set<NodeId> seen;
  for (int i = 0; i < count; ++i) {
    NodeId other = NodeId::node(i);
    bool there = std::count(cut.links.begin(), cut.links.end(), Link{node, other}) == 0;
    bool back = std::count(cut.links.begin(), cut.links.end(), Link{other, node}) == 0;
    if (there && back) seen.insert(other);
  }
  return seen;
}

TEST(Shapes, HalvesSeparate) {
  Rng rng(1, Stream::of("test"));
  for (int count = 2; count <= 9; ++count) {
    Cut cut = make_cut("halves", cluster_of(count, 0), rng);
    ASSERT_EQ(cut.groups.size(), 2u);
    auto small = static_cast<std::size_t>(count) / 2;
    EXPECT_EQ(cut.groups[0].size(), small);
    EXPECT_EQ(cut.links.size(), 2 * small * (static_cast<std::size_t>(count) - small));
  }
}

TEST(Shapes, EveryNodeOfARingSeesAMajorityOfItsOwn) {
  Rng rng(1, Stream::of("test"));
  for (int count = 4; count <= 9; ++count) {
    Cut cut = make_cut("majorities-ring", cluster_of(count, 0), rng);
    EXPECT_EQ(cut.shape, "majorities-ring");
    std::set<std::set<NodeId>> views;
    for (int i = 0; i < count; ++i) {
      std::set<NodeId> seen = seen_by(NodeId::node(i), cut, count);
      EXPECT_GT(2 * seen.size(), static_cast<std::size_t>(count));
      EXPECT_TRUE(views.insert(seen).second) << "two nodes of " << count << " see the same";
    }
  }
  EXPECT_EQ(make_cut("majorities-ring", cluster_of(3, 0), rng).shape, "bridge");
}

TEST(Shapes, OneNodeOfABridgeSeesAll) {
  Rng rng(1, Stream::of("test"));
  for (int count = 3; count <= 9; ++count) {
    Cut cut = make_cut("bridge", cluster_of(count, 0), rng);
    int all = 0;
    for (int i = 0; i < count; ++i) {
      auto seen = seen_by(NodeId::node(i), cut, count).size();
      if (seen == static_cast<std::size_t>(count)) ++all;
      EXPECT_GT(2 * seen, static_cast<std::size_t>(count) - 1);
    }
    EXPECT_EQ(all, 1);
  }
  EXPECT_EQ(make_cut("bridge", cluster_of(2, 0), rng).shape, "one");
}

TEST(Shapes, OneWayLeavesTheOtherWayOpen) {
  Rng rng(1, Stream::of("test"));
  std::set<std::string> seen;
  for (int round = 0; round < 100; ++round) {
    Cut cut = make_cut("one-way", cluster_of(5, 3), rng);
    seen.insert(cut.shape);
    ASSERT_FALSE(cut.links.empty());
    EXPECT_LE(cut.groups[0].size(), 2u);
    std::set<Link> links(cut.links.begin(), cut.links.end());
    for (const Link& link : links) EXPECT_FALSE(links.contains({link.target, link.source}));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"one-way, deaf", "one-way, mute"}));
}

TEST(Shapes, AMinorityHasTheLeaderOftenButNotAlways) {
  Rng rng(1, Stream::of("test"));
  int with_leader = 0;
  for (int round = 0; round < 200; ++round) {
    Cut cut = make_cut("majority-minority", cluster_of(5, 3), rng);
    ASSERT_LE(cut.groups[0].size(), 2u);
    auto& minority = cut.groups[0];
    if (std::count(minority.begin(), minority.end(), NodeId::node(3)) > 0) ++with_leader;
  }
  EXPECT_GT(with_leader, 100);
  EXPECT_LT(with_leader, 180);
}

TEST(Shapes, EveryShapeOfAnySizeCutsSomethingButNotAll) {
  Rng rng(1, Stream::of("test"));
  for (const std::string& shape : shape_option().choices) {
    if (shape == "mix") continue;
    for (int count = 2; count <= 9; ++count) {
      std::size_t cut = make_cut(shape, cluster_of(count, 0), rng).links.size();
      EXPECT_GT(cut, 0u) << shape << " of " << count;
      if (count > 2) {
        EXPECT_LT(cut, static_cast<std::size_t>(count * (count - 1))) << shape << " of " << count;
      }
    }
  }
}

TEST(Shapes, ABipartitionHasSidesOfAllSizes) {
  Rng rng(1, Stream::of("test"));
  std::set<std::size_t> sizes;
  for (int round = 0; round < 100; ++round) {
    Cut cut = make_cut("bipartition", cluster_of(5, 0), rng);
    ASSERT_EQ(cut.groups.size(), 2u);
    sizes.insert(cut.groups[0].size());
    EXPECT_EQ(cut.links.size(), 2 * cut.groups[0].size() * cut.groups[1].size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3, 4}));
}

TEST(Shapes, ASingleLinkLeavesAWayAround) {
  Rng rng(1, Stream::of("test"));
  int at_the_leader = 0;
  for (int round = 0; round < 100; ++round) {
    Cut cut = make_cut("link", cluster_of(5, 3), rng);
    ASSERT_EQ(cut.links.size(), 2u);
    EXPECT_EQ(cut.links[0].source, cut.links[1].target);
    if (cut.links[0].source == NodeId::node(3) || cut.links[0].target == NodeId::node(3)) {
      ++at_the_leader;
    }
    EXPECT_EQ(make_cut("link-one-way", cluster_of(5, 3), rng).links.size(), 1u);
  }
  EXPECT_GT(at_the_leader, 50);
  EXPECT_LT(at_the_leader, 95);
}

TEST(Targets, AreWhomTheyAreSaidToBe) {
  Rng rng(1, Stream::of("test"));
  NodeReports five = cluster_of(5, 3);
  std::set<std::size_t> minorities;
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(choose_targets("one", five, rng).size(), 1u);
    EXPECT_EQ(choose_targets("majority", five, rng).size(), 3u);
    minorities.insert(choose_targets("minority", five, rng).size());
  }
  EXPECT_EQ(minorities, (std::set<std::size_t>{1, 2}));
  EXPECT_EQ(choose_targets("leader", five, rng), std::vector{NodeId::node(3)});
  EXPECT_EQ(choose_targets("all", five, rng).size(), 5u);
  EXPECT_EQ(choose_targets("minority", cluster_of(1, 0), rng).size(), 1u);
}

TEST(Targets, AnOldLeaderIsNotTheLeader) {
  NodeReports five = cluster_of(5, 3);
  five[0].status.role = "leader";  // of term 2: cut off, and has not noticed
  EXPECT_EQ(leaders(five), std::vector{NodeId::node(3)});
  five[3].reachable = false;
  EXPECT_EQ(leaders(five), std::vector{NodeId::node(0)});
}

OnOff test_fault() {
  return {"test", "begin", "end", [](Rng& rng) { return Value(rng.between(0, 9)); }};
}

TEST(Schedule, AlternatesWithGapsAroundTheInterval) {
  NemesisConfig config{{}, Process::nemesis(1), 5, 10s};
  Generator schedule = on_off_schedule(config, test_fault());
  auto slow = [](const Op&) { return gen::Answer{Phase::ok, 2s}; };
  std::vector<Op> ops = gen::simulate(schedule, {3, 3}, slow, 41).history;
  ASSERT_EQ(ops.size(), 82u);
  Instant last = at_start;
  std::set<Duration> gaps;
  for (std::size_t i = 0; i < ops.size(); i += 2) {
    EXPECT_EQ(ops[i].verb, i % 4 == 0 ? "begin" : "end");
    EXPECT_EQ(ops[i].process, config.process);
    EXPECT_EQ(ops[i].value.is_integer(), i % 4 == 0);
    EXPECT_GE(ops[i].time - last, 5s);
    EXPECT_LE(ops[i].time - last, 15s);
    gaps.insert(ops[i].time - last);
    last = ops[i + 1].time;
  }
  EXPECT_GT(gaps.size(), 30u);
}

TEST(Schedule, TheFirstFaultComesThoughClientsAreBusyAllTheTime) {
  NemesisConfig config{{}, Process::nemesis(0), 5, 1s};
  Rng rng(1, Stream::of("load"));
  Generator load = gen::drawn(rng, [](const Context&, Rng&) { return gen::Draft{"read"}; });
  Generator both = gen::time_limit(20s, gen::any({gen::clients(load),
                                                  on_off_schedule(config, test_fault())}));
  auto answers = [](const Op&) { return gen::Answer{Phase::ok, 5ms}; };
  std::size_t faults = 0;
  for (const Op& op : gen::simulate(both, {3, 1}, answers).invocations()) {
    if (op.process == config.process) ++faults;
  }
  EXPECT_GE(faults, 14u);
  EXPECT_LE(faults, 28u);
}

}  // namespace
}  // namespace sunder
