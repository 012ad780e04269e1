// Stories about faults: links, processes, clocks, and the proof that they took hold.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Nodes that send a numbered Answer to all others every 10 ms, and remember what they heard.
struct Gossip {
  explicit Gossip(int nodes) : heard(static_cast<std::size_t>(nodes)) {
    script.start = [](Runtime& runtime) { runtime.start_timer(milliseconds(10)); };
    script.timer = [](Runtime& runtime, Timer) {
      for (NodeId peer : runtime.peers()) {
        if (peer != runtime.self()) runtime.send(peer, Answer{runtime.self().index});
      }
      runtime.start_timer(milliseconds(10));
    };
    script.message = [this](Runtime& runtime, const Envelope& envelope) {
      if (envelope.message.as<Ask>() != nullptr) {
        runtime.send(envelope.source, Answer{runtime.self().index});
        return;
      }
      ++heard[static_cast<std::size_t>(runtime.self().index)][envelope.source.index];
    };
  }
  int from(int source, int target) { return heard[static_cast<std::size_t>(target)][source]; }
  void forget() {
    for (auto& counts : heard) counts.clear();
  }
  Script script;
  std::vector<std::map<int, int>> heard;  // by target: source -> messages
};

constexpr LinkModel cut{.blocked = true};

TEST(SimFaults, APartitionBlocksUntilItIsLifted) {
  Gossip gossip(3);
  auto test = scripted_test(gossip.script, 3, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.impose(world, "partition", around(0, 3), cut);
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  EXPECT_EQ(gossip.from(1, 0), 0);
  EXPECT_GT(gossip.from(1, 2), 90);
  hand.lift(world, "partition");
  pass(world, seconds(1));
  EXPECT_GT(gossip.from(0, 1), 90);
  EXPECT_GT(gossip.from(1, 0), 90);
}

TEST(SimFaults, ACutHasDirection) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.impose(world, "one-way", {link(0, 1)}, cut);
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  EXPECT_GT(gossip.from(1, 0), 90);
}

TEST(SimFaults, ALinkIsCutWhileAnyRuleSaysSo) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.impose(world, "a", {link(0, 1)}, cut);
  hand.impose(world, "b", {link(0, 1)}, cut);
  hand.impose(world, "slow", {link(0, 1)}, LinkModel{.delay = milliseconds(1)});
  hand.lift(world, "a");
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  hand.lift(world, "b");
  pass(world, seconds(1));
  EXPECT_GT(gossip.from(0, 1), 90);
}

TEST(SimFaults, ACutTakesWhatIsOnItsWay) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  test.link = LinkModel{.delay = milliseconds(500)};
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(400));
  hand.impose(world, "cut", around(0, 2), cut);
  pass(world, seconds(2));
  EXPECT_EQ(gossip.from(0, 1), 0);
}

TEST(SimFaults, ModelsAddUp) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.impose(world, "deaf", {link(0, 1)}, LinkModel{.loss = {1, 1}});
  hand.impose(world, "doubled", {link(0, 1)}, LinkModel{.duplicate = {1, 1}});
  pass(world, milliseconds(50));
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  hand.lift(world, "deaf");
  pass(world, milliseconds(50));
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_NEAR(gossip.from(0, 1), 200, 4);
}

TEST(SimFaults, HeldPacketsAreDeliveredWhenTheHoldEnds) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(50));
  hand.impose(world, "hold", {link(0, 1)}, LinkModel{.hold = true});
  pass(world, milliseconds(50));
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  hand.lift(world, "hold");
  pass(world, milliseconds(10));
  EXPECT_GT(gossip.from(0, 1), 95);
}

TEST(SimFaults, ARateSpreadsPacketsOverTime) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  // Each message is some 90 bytes; at 1000 bytes a second about eleven arrive in a second.
  hand.impose(world, "narrow", {link(0, 1)}, LinkModel{.rate = 1000});
  pass(world, seconds(1));
  gossip.forget();
  pass(world, seconds(10));
  EXPECT_GT(gossip.from(0, 1), 80);
  EXPECT_LT(gossip.from(0, 1), 160);
}

TEST(SimFaults, ClientsAreCutOffOnlyOnRequest) {
  for (bool cut_clients : {false, true}) {
    Gossip gossip(2);
    gossip.script.message = [](Runtime& runtime, const Envelope& envelope) {
      if (envelope.message.as<Ask>() == nullptr) return;
      // Answers from the other node: only what crosses the cut can be lost.
      NodeId other = runtime.peers()[runtime.self().index == 0 ? 1 : 0];
      if (!envelope.source.is_node()) runtime.send(envelope.source, Answer{1});
      runtime.send(other, Ask{0});
    };
    auto test = scripted_test(gossip.script, 2, 1);
    test.cut_clients = cut_clients;
    test.op_timeout = seconds(1);
    // The client of process 0 asks the node that is not its home.
    test.system.make_client = [](Channel& channel, const SystemConfig&) {
      struct Away final : Client {
        explicit Away(Channel& own) : channel(own) {}
        void invoke(const Op&, Complete complete) override {
          channel.on_receive([complete](const Envelope&) { complete(Outcome::ok({})); });
          channel.send(NodeId::node(1 - channel.home().index), Ask{1});
        }
        Channel& channel;
      };
      return std::make_unique<Away>(channel);
    };
    Hand hand(test);
    SimWorld world(test);
    pass(world, milliseconds(50));
    hand.impose(world, "cut", around(0, 2), cut);
    EXPECT_EQ(perform(world, 0, "ask", 1)->phase, cut_clients ? Phase::info : Phase::ok);
  }
}

TEST(SimFaults, ClientsAreCutOffInOneDirectionWhileNodesTalk) {
  int asked = 0;
  Script script;
  script.message = [&](Runtime& runtime, const Envelope& envelope) {
    if (envelope.source.is_node()) return;
    ++asked;
    runtime.send(envelope.source, Answer{1});
  };
  auto test = scripted_test(script, 2, 1);
  test.op_timeout = seconds(1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(50));
  const NodeId clients = NodeId::all_clients();
  const NodeId n1 = NodeId::node(0);
  auto lines = [&] {
    std::map<NodeId, LineState> found;
    LinkTolls tolls;
    hand.reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
      cluster.probe_clients([&, complete](const std::map<NodeId, LineState>& seen) {
        found = seen;
        cluster.read_tolls([&, complete](const Result<LinkTolls>& read) {
          tolls = *read;
          complete(Outcome::ok({}));
        });
      });
    });
    EXPECT_EQ(found[NodeId::node(1)], LineState::open);
    return std::pair(found[n1], tolls[n1]);
  };
  EXPECT_EQ(lines().first, LineState::open);

  hand.impose(world, "requests", {{clients, n1}}, cut);
  EXPECT_EQ(perform(world, 0, "ask", 1)->phase, Phase::info);
  EXPECT_EQ(asked, 0);
  auto [line, toll] = lines();
  EXPECT_EQ(line, LineState::silent);
  EXPECT_GE(toll.requests, 2);
  EXPECT_EQ(toll.replies, 0);
  EXPECT_TRUE(hand.probe(world).lost.empty());
  hand.lift(world, "requests");

  hand.impose(world, "replies", {{n1, clients}}, cut);
  EXPECT_EQ(perform(world, 2, "ask", 1)->phase, Phase::info);
  EXPECT_EQ(asked, 1) << "what clients ask still arrives, and may have an effect";
  EXPECT_GE(lines().second.replies, 2);
  hand.lift(world, "replies");
  EXPECT_EQ(perform(world, 4, "ask", 1)->phase, Phase::ok);
}

TEST(SimFaults, APausedNodeHearsEverythingWhenItGoesOn) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(50));
  hand.pause(world, 1);
  pass(world, milliseconds(20));
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(gossip.from(0, 1), 0);
  EXPECT_EQ(gossip.from(1, 0), 0);
  EXPECT_EQ(hand.survey(world)[1].process, ProcessState::paused);
  EXPECT_FALSE(hand.survey(world)[1].reachable);
  hand.resume(world, 1);
  EXPECT_GT(gossip.from(0, 1), 100);
  pass(world, seconds(1));
  EXPECT_NEAR(gossip.from(1, 0), 100, 5);  // its timer was due at once, and then every 10 ms
}

TEST(SimFaults, AMessageToAStoppedNodeIsLost) {
  Gossip gossip(2);
  auto test = scripted_test(gossip.script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.kill(world, 1);
  gossip.forget();
  pass(world, seconds(1));
  EXPECT_EQ(hand.survey(world)[1].process, ProcessState::stopped);
  hand.start(world, 1);
  pass(world, milliseconds(5));
  EXPECT_LT(gossip.from(0, 1), 5);
}

TEST(SimFaults, TimersDoNotFireAfterAKill) {
  Script script;
  int boots = 0;
  std::vector<int> fired;
  script.start = [&](Runtime& runtime) {
    if (++boots == 1) runtime.start_timer(milliseconds(500));
    if (boots == 2) runtime.start_timer(seconds(2));
  };
  script.timer = [&](Runtime&, Timer) { fired.push_back(boots); };
  auto test = scripted_test(script, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(100));
  hand.kill(world, 0);
  hand.start(world, 0);
  pass(world, seconds(1));
  EXPECT_TRUE(fired.empty());
  pass(world, seconds(2));
  EXPECT_EQ(fired, std::vector<int>{2});
}

TEST(SimFaults, ACancelledTimerDoesNotFireEvenIfItWasDueInAPause) {
  Script script;
  Timer second;
  int fired = 0;
  script.start = [&](Runtime& runtime) {
    runtime.start_timer(milliseconds(100));
    second = runtime.start_timer(milliseconds(200));
  };
  script.timer = [&](Runtime& runtime, Timer) {
    ++fired;
    runtime.cancel_timer(second);
  };
  auto test = scripted_test(script, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(50));
  hand.pause(world, 0);
  pass(world, seconds(1));
  hand.resume(world, 0);
  pass(world, seconds(1));
  EXPECT_EQ(fired, 1);
}

TEST(SimFaults, StepsBendTheWallClockOnly) {
  Script script;
  WallTime wall;
  Instant monotonic;
  script.start = [](Runtime& runtime) { runtime.start_timer(milliseconds(10)); };
  script.timer = [&](Runtime& runtime, Timer) {
    wall = runtime.wall_now();
    monotonic = runtime.now();
    runtime.start_timer(milliseconds(10));
  };
  auto test = scripted_test(script, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, seconds(1));
  WallTime wall_before = wall;
  Instant monotonic_before = monotonic;
  EXPECT_LT(hand.survey(world)[0].clock_offset, milliseconds(3));
  hand.reach(world, [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.step_clock(NodeId::node(0), hours(1), [complete](const Status&) {
      complete(Outcome::ok({}));
    });
  });
  pass(world, seconds(1));
  EXPECT_GT(wall - wall_before, hours(1));
  EXPECT_LT(monotonic - monotonic_before, seconds(2));
  EXPECT_GT(hand.survey(world)[0].clock_offset, hours(1) - milliseconds(3));
  hand.reach(world, [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.reset_clock(NodeId::node(0), [complete](const Status&) { complete(Outcome::ok({})); });
  });
  EXPECT_LT(hand.survey(world)[0].clock_offset, milliseconds(3));
}

TEST(SimFaults, ANodeNeverSeesItsTimerFireEarly) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Script script;
    Instant due;
    int fired = 0;
    auto set = [&due](Runtime& runtime) {
      Duration delay = runtime.rng().between(Duration{1}, Duration{3'000'000});
      due = runtime.now() + delay;
      runtime.start_timer(delay);
    };
    script.start = set;
    script.timer = [&](Runtime& runtime, Timer) {
      ++fired;
      EXPECT_GE(runtime.now(), due);
      EXPECT_LE(runtime.now(), due + Duration{2});
      set(runtime);
    };
    auto test = scripted_test(script, 1, seed);
    SimWorld world(test);
    pass(world, milliseconds(200));
    EXPECT_GT(fired, 50);
  }
}

TEST(SimFaults, ClocksDriftApartWithinTheirBound) {
  std::set<std::int64_t> drifts;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Script script;
    Instant first;
    Instant last;
    Instant first_true;
    Instant last_true;
    const SimWorld* seen = nullptr;
    script.start = [](Runtime& runtime) { runtime.start_timer(milliseconds(10)); };
    script.timer = [&](Runtime& runtime, Timer) {
      last = runtime.now();
      last_true = seen->now();
      if (first == at_start) first = last;
      if (first_true == at_start) first_true = last_true;
      runtime.start_timer(seconds(10));
    };
    auto test = scripted_test(script, 1, seed);
    SimWorld world(test);
    seen = &world;
    pass(world, seconds(1005));
    std::int64_t drift = nanoseconds((last - first) - (last_true - first_true));
    EXPECT_LE(std::abs(drift), 1000 * 100'000);  // 100 ppm of 1000 s
    drifts.insert(drift);
  }
  EXPECT_GT(drifts.size(), 5u);
}

TEST(SimFaults, ProbesShowExactlyWhatIsCut) {
  auto test = counter_test(5, 5, 1);
  test.link.loss = {1, 10};  // a lossy base model is not a cut
  Hand hand(test);
  SimWorld world(test);
  LinkProbe healthy = hand.probe(world);
  EXPECT_EQ(healthy.delivered.size(), 20u);
  EXPECT_TRUE(healthy.lost.empty());
  hand.impose(world, "cut", {link(0, 1), link(3, 2)}, cut);
  LinkProbe probe = hand.probe(world);
  EXPECT_EQ(probe.lost, (std::set<Link>{link(0, 1), link(3, 2)}));
  EXPECT_EQ(probe.delivered.size(), 18u);
  hand.lift(world, "cut");
  EXPECT_TRUE(hand.probe(world).lost.empty());
}

TEST(SimFaults, ARefusedPauseSaysWhy) {
  auto test = counter_test(1, 1, 1);
  Hand hand(test);
  SimWorld world(test);
  hand.kill(world, 0);
  Outcome outcome = hand.reach(world, [](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.pause(NodeId::node(0), [complete](const Status& status) {
      complete(status ? Outcome::ok({}) : Outcome::fail(status.error().context));
    });
  });
  EXPECT_EQ(outcome.phase, Phase::fail);
  EXPECT_NE(outcome.why.find("n1 cannot be paused"), std::string::npos);
}

TEST(SimFaults, AnUnhealedClusterIsNotProvedHealed) {
  auto test = counter_test(3, 3, 1);
  test.ready_timeout = seconds(2);
  Hand hand(test);
  SimWorld world(test);
  hand.impose(world, "cut", {link(0, 1)}, cut);
  std::optional<Op> op = perform(world, test.control().id, std::string(verb_verify_healed), {});
  ASSERT_TRUE(op);
  EXPECT_EQ(op->phase, Phase::info);
  EXPECT_NE(op->error.find("n1 cannot reach n2"), std::string::npos) << op->error;
}

// What the nodes of one side draw and hear must not depend on a fault elsewhere.
TEST(SimFaults, RemovingAFaultShiftsNoOtherDraws) {
  auto draws_of_others = [](bool with_fault) {
    Script script;
    std::vector<std::pair<std::int64_t, std::uint64_t>> seen;
    script.start = [](Runtime& runtime) { runtime.start_timer(milliseconds(10)); };
    script.timer = [&](Runtime& runtime, Timer) {
      NodeId partner = NodeId::node(runtime.self().index ^ 1);
      runtime.send(partner, Answer{1});
      runtime.storage().append("x");
      runtime.storage().sync();
      if (runtime.self().index >= 2) {
        seen.emplace_back(nanoseconds(runtime.now()), runtime.rng().next());
      }
      runtime.start_timer(milliseconds(10));
    };
    script.message = [&](Runtime& runtime, const Envelope&) {
      if (runtime.self().index >= 2) seen.emplace_back(nanoseconds(runtime.now()), 0);
    };
    auto test = scripted_test(script, 4, 9);
    Hand hand(test);
    SimWorld world(test);
    if (with_fault) {
      hand.impose(world, "cut", around(0, 4), cut);
      hand.kill(world, 1);
      hand.start(world, 1);
      pass(world, at_start + seconds(5) - world.now());
    } else {
      pass(world, seconds(5));
    }
    return seen;
  };
  auto without = draws_of_others(false);
  EXPECT_GT(without.size(), 1500u);
  EXPECT_EQ(draws_of_others(true), without);
}

}  // namespace
}  // namespace sunder::testing
