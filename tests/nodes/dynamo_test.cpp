// The Dynamo-style store: its parts by themselves, scenes of its quorums, and sweeps of its options
// and flaws.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/dynamo/merkle.h"
#include "nodes/dynamo/phi_accrual.h"
#include "nodes/dynamo/ring.h"
#include "tests/nodes/support/register_sweep.h"
#include "tests/nodes/support/scene.h"

namespace sunder::dynamo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::RegisterSweep;
using testing_support::RegisterTally;
using testing_support::Scene;
using testing_support::sweep;
using Options = std::vector<std::string>;

constexpr Duration beat = milliseconds(100);
constexpr std::int64_t x = 1;

PhiAccrual regular_beats(int count, Instant& now) {
  PhiAccrual detector(beat, now);
  for (int i = 0; i < count; ++i) detector.heard(now += beat);
  return detector;
}

TEST(PhiAccrual, GrowsWithSilenceAndFallsWithTheNextBeat) {
  Instant now{};
  PhiAccrual detector = regular_beats(50, now);
  std::int64_t before = 0;
  for (int late = 0; late <= 1000; late += 20) {
    std::int64_t phi = detector.phi_milli(now + milliseconds(late));
    EXPECT_GE(phi, before) << late;
    before = phi;
  }
  EXPECT_EQ(detector.phi_milli(now + beat), 0);
  EXPECT_EQ(before, PhiAccrual::phi_max);
  detector.heard(now + seconds(1));
  EXPECT_EQ(detector.phi_milli(now + seconds(1)), 0);
}

// 2.326 and 5.612 deviations above the mean leave 10^-2 and 10^-8; the deviation is the least
// assumed, half a beat.
TEST(PhiAccrual, IsTheTailOfTheNormalDistribution) {
  Instant now{};
  PhiAccrual detector = regular_beats(50, now);
  auto after = [&](double deviations) {
    return now + beat + Duration(static_cast<std::int64_t>(deviations * 50e6));
  };
  EXPECT_NEAR(static_cast<double>(detector.phi_milli(after(2.3263))), 2000, 5);
  EXPECT_NEAR(static_cast<double>(detector.phi_milli(after(5.6120))), 8000, 5);
}

TEST(PhiAccrual, IsMorePatientWithIrregularBeats) {
  Instant now{};
  PhiAccrual regular = regular_beats(60, now);
  Instant end{};
  PhiAccrual irregular(beat, end);
  for (int i = 0; i < 60; ++i) irregular.heard(end += milliseconds(i % 2 == 0 ? 10 : 190));
  Duration silence = milliseconds(350);
  EXPECT_GT(regular.phi_milli(now + silence), 2 * irregular.phi_milli(end + silence));
}

// One outage says nothing of the beats after it.
TEST(PhiAccrual, IsNotTaughtPatienceByAnOutage) {
  Instant now{};
  PhiAccrual detector = regular_beats(10, now);
  detector.heard(now += seconds(60));
  EXPECT_GT(detector.phi_milli(now + milliseconds(600)), 8000);
}

TEST(Ring, GivesEveryKeyDistinctReplicasAndEveryNodeItsShare) {
  Ring ring(5, 3);
  std::vector<int> share(5);
  for (std::int64_t key = -500; key < 500; ++key) {
    std::vector<std::size_t> order = ring.walk(key);
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 5u);
    std::vector<std::size_t> replicas = ring.preference(key);
    ASSERT_EQ(replicas.size(), 3u);
    EXPECT_TRUE(std::equal(replicas.begin(), replicas.end(), order.begin()));
    for (std::size_t node : replicas) {
      EXPECT_TRUE(ring.is_replica(node, key));
      ++share[node];
    }
  }
  for (int keys : share) EXPECT_GT(keys, 300);  // of 600 on average
}

// What a walk meets without one node is what it met before, less that node: only its keys move.
TEST(Ring, MovesOnlyTheKeysOfANodeThatIsGone) {
  Ring all(5, 3);
  Ring fewer(4, 3);
  for (std::int64_t key = 0; key < 300; ++key) {
    std::vector<std::size_t> order = all.walk(key);
    std::erase(order, 4u);
    EXPECT_EQ(order, fewer.walk(key));
  }
  EXPECT_EQ(Ring(2, 3).preference(x).size(), 2u);
}

Stamp stamp(std::int64_t number) { return {number, number % 3, 1}; }

TEST(MerkleTree, IsTheSameHoweverItCameToBe) {
  MerkleTree forwards;
  MerkleTree backwards;
  for (std::int64_t key = 0; key < 200; ++key) {
    forwards.replace(key, {}, stamp(1));
    forwards.replace(key, stamp(1), stamp(key + 2));
  }
  EXPECT_NE(forwards.root(), backwards.root());
  for (std::int64_t key = 199; key >= 0; --key) backwards.replace(key, {}, stamp(key + 2));
  EXPECT_EQ(forwards.root(), backwards.root());
  backwards.replace(7, stamp(9), stamp(10));
  EXPECT_NE(forwards.root(), backwards.root());
}

// Walks down as two nodes would, by messages alone.
std::vector<std::int64_t> differing_leaves(const MerkleTree& a, const MerkleTree& b, int& nodes) {
  Tree message{0, {{0, a.root()}}};
  for (const MerkleTree* receiver = &b;; receiver = receiver == &b ? &a : &b) {
    nodes += static_cast<int>(message.nodes.size());
    std::vector<std::int64_t> different = receiver->differences(message);
    if (different.empty() || message.level + 1 == static_cast<std::int64_t>(MerkleTree::levels)) {
      return different;
    }
    message = receiver->children(message.level, different);
  }
}

TEST(MerkleTree, FindsTheLeavesThatDifferAndTalksAboutLittleElse) {
  MerkleTree a;
  MerkleTree b;
  for (std::int64_t key = 0; key < 2000; ++key) {
    a.replace(key, {}, stamp(1));
    b.replace(key, {}, stamp(1));
  }
  int nodes = 0;
  EXPECT_TRUE(differing_leaves(a, b, nodes).empty());
  EXPECT_EQ(nodes, 1);
  std::set<std::int64_t> expected;
  for (std::int64_t key : {3, 700, 1999}) {
    a.replace(key, stamp(1), stamp(2));
    expected.insert(static_cast<std::int64_t>(MerkleTree::leaf_of(key)));
  }
  b.replace(5000, {}, stamp(1));
  expected.insert(static_cast<std::int64_t>(MerkleTree::leaf_of(5000)));
  nodes = 0;
  std::vector<std::int64_t> found = differing_leaves(a, b, nodes);
  EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()), expected);
  EXPECT_LE(nodes, 1 + 8 * 3 * 4);
}

TEST(MerkleTree, TakesAnyMessage) {
  MerkleTree tree;
  EXPECT_TRUE(tree.differences({-1, {{0, 1}}}).empty());
  EXPECT_TRUE(tree.differences({99, {{0, 1}}}).empty());
  EXPECT_TRUE(tree.differences({1, {{-5, 1}, {8, 1}, {INT64_MAX, 1}}}).empty());
  EXPECT_EQ(tree.differences({1, {{7, 1}, {7, 1}, {2, 0}}}), std::vector<std::int64_t>{7});
}

void expect_sound(const Scene& scene) {
  for (const BrokenInvariant& broken : scene.record().broken_invariants) {
    ADD_FAILURE() << broken.sentence;
  }
}

TEST(DynamoScene, AStrictQuorumStopsWhereASloppyOneGoesOn) {
  for (bool sloppy : {false, true}) {
    Scene::Cast cast{"dynamo",
                     {{"sessions", "pinned"},
                      {"sloppy", sloppy ? "true" : "false"},
                      {"r", sloppy ? "1" : "2"},
                      {"w", sloppy ? "1" : "2"}}};
    Scene scene(cast);
    EXPECT_EQ(scene.write(1, x, 1), Phase::ok);
    scene.cut_off(0);
    EXPECT_EQ(scene.write(0, x, 2) == Phase::ok, sloppy);
    EXPECT_EQ(scene.read(0, x).has_value(), sloppy);
    EXPECT_EQ(scene.write(1, x, 3), Phase::ok);
    EXPECT_EQ(scene.read(2, x), Value(3));
    scene.heal();
    scene.pass(seconds(3));
    std::optional<Value> settled = scene.read(0, x);
    for (int session : {0, 1, 2}) EXPECT_EQ(scene.read(session, x), settled);
    expect_sound(scene);
  }
}

// With two replicas of five nodes and both of them down, others keep the write for them, also
// through a restart of their own.
TEST(DynamoScene, HintsFindTheirWayHome) {
  Scene::Cast cast{"dynamo", {{"sessions", "pinned"}, {"sloppy", "true"}, {"n", "2"}}, {}, 5};
  Scene scene(cast);
  std::vector<std::size_t> order = Ring(5, 2).walk(x);
  auto node = [&](std::size_t place) { return static_cast<int>(order[place]); };
  scene.kill(node(0));
  scene.kill(node(1));
  scene.pass(seconds(2));
  EXPECT_EQ(scene.write(node(4), x, 1), Phase::ok);
  EXPECT_EQ(scene.read(node(3), x), Value(1));
  for (std::size_t place : {2u, 3u, 4u}) scene.kill(node(place));
  for (std::size_t place : {0u, 1u, 2u, 3u, 4u}) scene.start(node(place));
  scene.pass(seconds(2));
  for (std::size_t place : {2u, 3u, 4u}) scene.kill(node(place));
  EXPECT_EQ(scene.read(node(0), x), Value(1));
  EXPECT_EQ(scene.read(node(1), x), Value(1));
  EXPECT_TRUE(scene.record().probes.contains("a node stood in for a replica"));
  EXPECT_TRUE(scene.record().probes.contains("a hint was handed off"));
  expect_sound(scene);
}

std::string told(const RegisterSweep& wanted) {
  std::string text;
  for (const std::string& pair : wanted.set) text += " " + pair;
  if (!wanted.flaw.empty()) text += " flaw " + wanted.flaw;
  if (!wanted.claim.empty()) text += " as " + wanted.claim;
  return text;
}

const Options weakest{"sloppy=true", "r=1", "w=1"};

TEST(Dynamo, KeepsItsClaimUnderAllFaults) {
  for (const Options& set :
       {Options{}, Options{"r=1", "w=3"}, Options{"r=3", "w=1"}, Options{"n=5", "r=3", "w=3"},
        Options{"repair=blocking"}, Options{"repair=blocking", "r=1", "w=3"},
        Options{"sloppy=true"}, weakest, Options{"timestamps=coordinator"}, Options{"r=1", "w=1"},
        Options{"sloppy=true", "r=1", "w=1", "timestamps=coordinator", "sessions=pinned"}}) {
    RegisterSweep wanted{"dynamo", set};
    wanted.seeds = 5;
    RegisterTally tally = sweep(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
  }
}

TEST(Dynamo, ClaimsNoMoreThanItsOptionsGive) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("dynamo");
  auto claim = [&](std::map<std::string, std::string> set) {
    return system->claim({*sunder::Options::parse(system->options, set), {}});
  };
  EXPECT_EQ(claim({}), "regular");
  EXPECT_EQ(claim({{"w", "1"}, {"r", "3"}}), "regular");
  EXPECT_EQ(claim({{"repair", "blocking"}}), "linearizable");
  EXPECT_EQ(claim({{"r", "1"}}), "eventual");
  EXPECT_EQ(claim({{"sloppy", "true"}}), "eventual");
  EXPECT_EQ(claim({{"timestamps", "coordinator"}}), "eventual");
  EXPECT_EQ(claim({{"timestamps", "coordinator"}, {"repair", "blocking"}}), "eventual");
}

TEST(Dynamo, IsRefutedAsMoreThanItClaims) {
  for (const auto& [set, claim] :
       std::vector<std::pair<Options, std::string>>{{{"r=1", "w=3"}, "linearizable"},
                                                    {{"r=1"}, "regular"},
                                                    {{"r=1", "w=1"}, "regular"},
                                                    {{"sloppy=true"}, "regular"},
                                                    {{"timestamps=coordinator"}, "regular"},
                                                    {weakest, "read-your-writes"},
                                                    {weakest, "causal"}}) {
    RegisterSweep wanted{"dynamo", set, {}, claim};
    wanted.seeds = 60;
    wanted.until_invalid = true;
    EXPECT_EQ(sweep(wanted).invalid, 1u) << told(wanted);
  }
}

TEST(Dynamo, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  for (const Flaw& flaw : systems.find("dynamo")->flaws) {
    if (flaw.anomaly == "no-progress") continue;  // wrong in no answer: the scene below
    RegisterSweep wanted{"dynamo", {}, flaw.name};
    for (const std::string& pair : flaw.set) {
      if (pair == "keys=200")
        wanted.keys = 200;
      else
        wanted.set.push_back(pair);
    }
    wanted.seeds = 60;
    wanted.until_invalid = true;
    EXPECT_EQ(sweep(wanted).invalid, 1u) << told(wanted);
  }
}

TEST(Dynamo, GoesOnAfterAReplicaHungUnlessItsWritesWaitForAll) {
  for (bool flawed : {false, true}) {
    Scene::Cast cast{"dynamo", {{"sessions", "pinned"}}};
    if (flawed) cast.flaws = {"notes-waits-for-hung-replica"};
    Scene scene(cast);
    scene.cut_off(2);
    for (std::int64_t value = 1; value <= 3; ++value) {
      EXPECT_EQ(scene.write(0, x, value) == Phase::ok, !flawed);
    }
    scene.heal();
    scene.pass(seconds(5));
    EXPECT_EQ(scene.write(0, x, 9) == Phase::ok, !flawed);
  }
}

}  // namespace
}  // namespace sunder::dynamo
