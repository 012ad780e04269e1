// Cuts between clients and nodes, of single ports, and connections reset or refused, against an
// imagined cluster.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

class Connections : public testing::Test {
 protected:
  Outcome act(const std::string& nemesis, const std::string& verb, Map value = {}) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    return cluster_.apply(*all.find(nemesis), rng_, verb, std::move(value));
  }
  static Map strike(const char* key = "targets", const char* value = "n2") {
    Map map;
    map["targets"] = "n2";
    map[key] = value;
    return map;
  }
  static const Value& evidence(const Outcome& outcome, const char* key) {
    static const Value nothing;
    const Value* found = outcome.value.find("evidence");
    found = found != nullptr ? found->find(key) : nullptr;
    return found != nullptr ? *found : nothing;
  }

  Rng rng_{3, Stream::of("test")};
  FakeCluster cluster_{3};
};

TEST_F(Connections, AClientCutIsConfirmedByItsDirection) {
  for (const char* way : {"both", "requests", "replies"}) {
    Outcome begun = act("client-cut", "start-client-cut", strike("way", way));
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
    EXPECT_EQ(begun.value.find("targets")->list().size(), way == std::string("both") ? 2u : 1u);
    EXPECT_EQ(evidence(begun, "answers").find("n2")->text(), "silent");
    EXPECT_EQ(evidence(begun, "packets_taken").find("n2")->integer(), 1);
    EXPECT_EQ(evidence(begun, "delivered_between_nodes").integer(), 6);
    EXPECT_EQ(act("client-cut", "stop-client-cut").phase, Phase::ok);
    EXPECT_TRUE(cluster_.link_rules().empty());
  }
}

TEST_F(Connections, AClientCutThatLeaksIsNotConfirmed) {
  cluster_.leaks = {{NodeId::all_clients(), NodeId::node(1)}};
  Outcome begun = act("client-cut", "start-client-cut", strike("way", "requests"));
  EXPECT_EQ(begun.phase, Phase::info);
  EXPECT_EQ(evidence(begun, "still_answers").list().size(), 1u);
}

TEST_F(Connections, AClientCutThatAlsoCutsNodesIsNotConfirmed) {
  cluster_.broken = {{NodeId::node(0), NodeId::node(1)}};
  Outcome begun = act("client-cut", "start-client-cut", strike());
  EXPECT_EQ(begun.phase, Phase::info);
  EXPECT_EQ(evidence(begun, "lost_between_nodes").list().size(), 1u);
}

TEST_F(Connections, AClientCutIsNotOverWhileANodeIsSilent) {
  ASSERT_EQ(act("client-cut", "start-client-cut", strike()).phase, Phase::ok);
  cluster_.dead = true;
  EXPECT_EQ(act("client-cut", "stop-client-cut").phase, Phase::info);
}

TEST_F(Connections, APortIsCutAloneAndOtherPortsAreProbedToo) {
  Map value;
  value["shape"] = "n2";
  value["port"] = 2380;
  Outcome begun = act("partition", "start-partition", value);
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(evidence(begun, "lost").integer(), 4);
  EXPECT_EQ(evidence(begun, "delivered_by_other_ports").integer(), 6);
  Outcome ended = act("partition", "stop-partition");
  EXPECT_EQ(ended.phase, Phase::ok);
  EXPECT_EQ(evidence(ended, "delivered").integer(), 6) << "the port is proved to be open again";
}

TEST_F(Connections, ACutOfAPortThatTakesOthersToIsNotConfirmed) {
  cluster_.broken = {{NodeId::node(0), NodeId::node(2)}};
  Map value;
  value["shape"] = "n2";
  value["port"] = 2380;
  Outcome begun = act("partition", "start-partition", value);
  EXPECT_EQ(begun.phase, Phase::info);
  EXPECT_EQ(evidence(begun, "lost_by_other_ports").list().size(), 1u);
}

TEST_F(Connections, AResetIsConfirmedByProbesAndByTheSystemsOwnSegments) {
  Outcome struck = act("reset", "reset-connections", strike());
  EXPECT_EQ(struck.phase, Phase::ok) << to_json(struck.value);
  EXPECT_TRUE(struck.value.find("over")->boolean());
  EXPECT_EQ(evidence(struck, "probes").find("reset")->integer(), 4);
  EXPECT_EQ(evidence(struck, "probes").find("open")->integer(), 2);
  EXPECT_EQ(evidence(struck, "afterwards").find("open")->integer(), 6);
  EXPECT_TRUE(cluster_.link_rules().empty()) << "it is over";
  EXPECT_EQ(act("reset", "stop-reset").phase, Phase::ok);
}

TEST_F(Connections, AResetWithoutAConnectionToResetIsNotConfirmed) {
  cluster_.idle = true;
  Outcome struck = act("reset", "reset-connections", strike());
  EXPECT_EQ(struck.phase, Phase::info);
  EXPECT_EQ(evidence(struck, "segments_reset").integer(), 0);
}

TEST_F(Connections, AResetThatDoesNothingIsNotConfirmed) {
  cluster_.dead = true;
  Outcome struck = act("reset", "reset-connections", strike());
  EXPECT_EQ(struck.phase, Phase::info);
  EXPECT_EQ(evidence(struck, "probes").find("unlike")->list().size(), 4u);
}

TEST_F(Connections, RefusalIsConfirmedOverStruckLinksOnly) {
  for (const char* open : {"reset", "keep"}) {
    Outcome begun = act("refuse", "start-refuse", strike("open", open));
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
    EXPECT_EQ(evidence(begun, "probes").find("refused")->integer(), 4);
    ASSERT_EQ(cluster_.link_rules().size(), 1u);
    EXPECT_EQ(cluster_.link_rules()[0].model.reset, open == std::string("reset"));
    EXPECT_EQ(act("refuse", "stop-refuse").phase, Phase::ok);
    EXPECT_TRUE(cluster_.link_rules().empty());
  }
}

TEST_F(Connections, OfClientsOnlyARefusalOfOursCounts) {
  Outcome begun = act("refuse", "start-refuse", strike("between", "clients"));
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(evidence(begun, "clients").find("n2")->text(), "refused");
  ASSERT_EQ(act("refuse", "stop-refuse").phase, Phase::ok);
  // A node that does not run refuses as well.
  cluster_.report(1).process = ProcessState::stopped;
  cluster_.dead = true;
  Outcome again = act("refuse", "start-refuse", strike("between", "clients"));
  EXPECT_EQ(again.phase, Phase::info);
  EXPECT_EQ(evidence(again, "clients_not_refused").list().size(), 1u);
}

TEST_F(Connections, WhatOtherFaultsDoToConnectionsIsNoSurprise) {
  LinkModel cut;
  cut.blocked = true;
  cluster_.impose("partition", {{NodeId::node(0), NodeId::node(2)}}, cut, [](const Status&) {});
  Outcome begun = act("refuse", "start-refuse", strike());
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(evidence(begun, "probes").find("by_other_faults")->integer(), 2);
}

}  // namespace
}  // namespace sunder
