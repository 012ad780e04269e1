// What operators do, against an imagined cluster: they believe what the nodes say afterwards.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/api/fault_budget.h"
#include "nemesis/policy/voters.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

using Nodes = std::vector<NodeId>;

Nodes nodes(std::initializer_list<int> names) {  // 1 is n1
  Nodes list;
  for (int name : names) list.push_back(NodeId::node(name - 1));
  return list;
}

Value to(const char* targets) {
  Map map;
  map["targets"] = targets;
  return map;
}

/// Five nodes; the first three vote, and n1 leads.
class Operators : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.set_voters(nodes({1, 2, 3}));
    Registry<Nemesis> all;
    add_all_nemesis(all);
    members_ = *all.find("members");
    transfer_ = *all.find("transfer");
  }
  Outcome change(const char* targets) {
    return cluster_.apply(members_, rng_, "change-members", to(targets));
  }
  Outcome restore() { return cluster_.apply(members_, rng_, "restore-members"); }
  Outcome transfer(const char* targets) {
    return cluster_.apply(transfer_, rng_, "transfer-leadership", to(targets));
  }
  Nodes voters() { return cluster_.report(0).status.voters; }
  std::string left() {
    FaultScene scene{cluster_, rng_, nullptr, cluster_.notes};
    Reports reports;
    for (int i = 0; i < 5; ++i) reports.push_back(cluster_.report(i));
    return members_.left(reports, scene);
  }
  static std::string evidence(const Outcome& outcome, const char* key) {
    const Value* found = outcome.value.find("evidence")->find(key);
    return found != nullptr ? to_json(*found) : "";
  }
  using Reports = std::vector<NodeReport>;

  FakeCluster cluster_{5};
  Rng rng_{11, Stream::of("test")};
  Nemesis members_;
  Nemesis transfer_;
};

TEST_F(Operators, ExchangeVotersAndPutThemBack) {
  Outcome changed = change("n3,n4,n5");
  EXPECT_EQ(changed.phase, Phase::ok) << changed.why;
  EXPECT_EQ(voters(), nodes({3, 4, 5}));
  EXPECT_EQ(to_json(*changed.value.find("targets")), R"(["n1","n2","n4","n5"])");
  EXPECT_EQ(evidence(changed, "voters_before"), R"(["n1","n2","n3"])");
  EXPECT_EQ(evidence(changed, "voters_after"), R"(["n3","n4","n5"])");
  EXPECT_EQ(left(), "n1 says that the voters are n3,n4,n5; at first they were n1,n2,n3");
  EXPECT_EQ(change("n1,n2,n3,n4").phase, Phase::ok);
  Outcome restored = restore();
  EXPECT_EQ(restored.phase, Phase::ok) << restored.why;
  EXPECT_EQ(voters(), nodes({1, 2, 3}));
  EXPECT_EQ(left(), "");
}

TEST_F(Operators, HaveNothingToPutBackBeforeTheFirstChange) {
  EXPECT_EQ(restore().phase, Phase::ok);
  EXPECT_EQ(left(), "");
}

TEST_F(Operators, AreNotBelievedWhenTheVotersStayAsTheyWere) {
  cluster_.dead = true;
  Outcome outcome = change("n3,n4,n5");
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(evidence(outcome, "voters_after"), R"(["n1","n2","n3"])");
  EXPECT_NE(evidence(outcome, "taken_up"), "0");
}

TEST_F(Operators, DoNotBelieveALeaderThatWasCutOff) {
  cluster_.report(3).status.term = 4;  // somebody else has been elected since
  EXPECT_EQ(change("n3,n4,n5").phase, Phase::info);
  cluster_.report(3).status.term = 2;
  EXPECT_EQ(change("n1,n2,n3,n4").phase, Phase::ok);
  cluster_.report(0).status.voters = nodes({1, 2, 3});
  EXPECT_EQ(left(), "not enough nodes say that the voters are n1,n2,n3 again");
}

TEST_F(Operators, AskAgainWhenALeaderRefusesOrGivesUp) {
  cluster_.obeys_after = 3;
  cluster_.taken_up_in_vain = 2;
  Outcome outcome = change("add");
  EXPECT_EQ(outcome.phase, Phase::ok) << outcome.why;
  EXPECT_EQ(evidence(outcome, "asked"), "6");
  EXPECT_EQ(evidence(outcome, "taken_up"), "3");
  EXPECT_EQ(voters().size(), 4u);
}

TEST_F(Operators, SayWhyTheyWereRefused) {
  cluster_.obeys_after = 1000;
  EXPECT_EQ(evidence(change("add"), "refusal"), R"("not now")");
}

TEST_F(Operators, GoStepByStepWhereServersAreExchangedOneAtATime) {
  cluster_.one_at_a_time = true;
  EXPECT_EQ(change("n3,n4,n5").phase, Phase::ok);
  EXPECT_EQ(voters(), nodes({3, 4, 5}));
  EXPECT_EQ(restore().phase, Phase::ok);
  EXPECT_EQ(voters(), nodes({1, 2, 3}));
}

TEST_F(Operators, NeedALeader) {
  cluster_.report(0).status.role = "follower";
  EXPECT_EQ(change("add").why, "no node leads");
  EXPECT_EQ(transfer("one").why, "no node leads");
}

TEST_F(Operators, LeaveAMajorityOfVotersThatRun) {
  for (int dead : {1, 2, 3, 4}) {
    cluster_.report(dead).process = ProcessState::stopped;
    cluster_.report(dead).reachable = false;
  }
  EXPECT_EQ(change("any").why, "no other voters are possible now");
  EXPECT_EQ(change("n1,n2,n3,n4").phase, Phase::info) << "who is named is asked for all the same";
}

TEST_F(Operators, LeaveTheRunsBudgetAlone) {
  Nodes all = nodes({1, 2, 3, 4, 5});
  FaultBudget budget(FaultLimit::quorum, all);
  cluster_.budget = &budget;
  EXPECT_EQ(budget.book("kill", nodes({2}), {}, rng_), nodes({2}));
  EXPECT_EQ(change("n1,n3,n4").why, "more would be broken at a time than the run's budget allows");
  EXPECT_EQ(voters(), nodes({1, 2, 3}));
  budget.release("kill");
  EXPECT_EQ(change("add").phase, Phase::ok);
  EXPECT_EQ(budget.sound(), 4u) << "who does not vote counts as broken";
  EXPECT_EQ(change("n1,n2,n3,n4,n5").phase, Phase::ok);
  EXPECT_EQ(budget.sound(), 5u);
}

TEST_F(Operators, TransferTheLeadershipToAVoter) {
  for (int i = 0; i < 10; ++i) {
    Outcome outcome = transfer("one");
    EXPECT_EQ(outcome.phase, Phase::ok) << outcome.why;
    std::string heir = outcome.value.find("targets")->list()[0].text();
    EXPECT_TRUE(heir == "n1" || heir == "n2" || heir == "n3") << heir;
    EXPECT_NE(evidence(outcome, "from"), "\"" + heir + "\"");
  }
}

TEST_F(Operators, AreNotBelievedWhenTheLeaderStays) {
  cluster_.dead = true;
  EXPECT_EQ(transfer("n2").phase, Phase::info);
  cluster_.dead = false;
  cluster_.obeys_after = 1;
  EXPECT_EQ(transfer("n2").why, "not now");
}

TEST(ChosenVoters, AreWhatIsMeantOrTheNextBest) {
  FakeCluster cluster(5);
  Rng rng(3, Stream::of("test"));
  std::vector<NodeReport> reports;
  for (int i = 0; i < 5; ++i) reports.push_back(cluster.report(i));
  Nodes three = nodes({1, 2, 3});
  Nodes all = nodes({1, 2, 3, 4, 5});
  EXPECT_EQ(choose_voters("add", three, reports, 3, rng).size(), 4u);
  EXPECT_EQ(choose_voters("remove", all, reports, 3, rng).size(), 4u);
  EXPECT_EQ(choose_voters("leader", all, reports, 3, rng), nodes({2, 3, 4, 5}));
  Nodes exchanged = choose_voters("exchange", three, reports, 3, rng);
  EXPECT_EQ(exchanged.size(), 3u);
  EXPECT_NE(exchanged, three);
  EXPECT_EQ(choose_voters("remove", three, reports, 3, rng).size(), 3u) << "an exchange";
  EXPECT_EQ(choose_voters("add", all, reports, 3, rng).size(), 4u) << "a removal";
  for (int i = 0; i < 50; ++i) {
    Nodes any = choose_voters("any", three, reports, 3, rng);
    EXPECT_GE(any.size(), 3u);
    EXPECT_NE(any, three);
  }
  EXPECT_TRUE(choose_voters("any", three, {reports[0], reports[1], reports[2]}, 3, rng).empty());
}

}  // namespace
}  // namespace sunder
