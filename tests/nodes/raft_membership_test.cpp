// Raft whose voters change: who decides, what must hold, sound runs that surely changed something,
// and the flaws.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/raft/log.h"
#include "nodes/raft/voter_rules.h"
#include "tests/nodes/support/judged_runs.h"
#include "tests/nodes/support/memory_storage.h"

namespace sunder::raft {
namespace {

using testing_support::JudgedRuns;
using testing_support::JudgedTally;
using testing_support::MemoryStorage;
using testing_support::play;
using testing_support::told;

NodeSet nodes(std::initializer_list<int> names) {  // 1 is n1
  NodeSet set = 0;
  for (int name : names) set |= only(NodeId::node(name - 1));
  return set;
}
NodeId n(int name) { return NodeId::node(name - 1); }

TEST(Voters, DecideByAMajority) {
  Voters voters{.now = nodes({1, 2, 3})};
  EXPECT_TRUE(voters.decided_by(nodes({1, 3})));
  EXPECT_FALSE(voters.decided_by(nodes({1, 4, 5}))) << "others do not count";
  EXPECT_TRUE((Voters{.now = nodes({1, 2, 3, 4})}.decided_by(nodes({1, 2, 3}))));
  EXPECT_FALSE((Voters{.now = nodes({1, 2, 3, 4})}.decided_by(nodes({1, 2}))));
}

TEST(Voters, NeedBothMajoritiesWhileJoint) {
  Voters joint{.now = nodes({3, 4, 5}), .before = nodes({1, 2, 3})};
  EXPECT_FALSE(joint.decided_by(nodes({3, 4, 5})));
  EXPECT_FALSE(joint.decided_by(nodes({1, 2, 3})));
  EXPECT_TRUE(joint.decided_by(nodes({2, 3, 4})));
  EXPECT_TRUE(joint.has(n(1)));
}

TEST(Voters, ReachWhatBothMajoritiesHold) {
  Numbers held{};
  std::int64_t numbers[] = {9, 8, 5, 3, 2};
  std::copy(std::begin(numbers), std::end(numbers), held.begin());
  EXPECT_EQ((Voters{.now = nodes({1, 2, 3, 4, 5})}.reached(held)), 5);
  EXPECT_EQ((Voters{.now = nodes({1, 2, 3})}.reached(held)), 8);
  EXPECT_EQ((Voters{.now = nodes({3, 4, 5}), .before = nodes({1, 2, 3})}.reached(held)), 3);
}

Entry change(std::int64_t term, NodeSet now, NodeSet before = 0) {
  return {.term = term,
          .command = {.verb = static_cast<std::uint8_t>(KvVerb::configure),
                      .value = now,
                      .expected = before}};
}

TEST(Log, ItsVotersComeAndGoWithTheirEntries) {
  MemoryStorage storage([](auto) {});
  Log log(storage);
  const Voters first{.now = nodes({1, 2, 3})};
  log.recover(0, 0, 0, first);
  log.append({.term = 1});
  log.append(change(1, nodes({3, 4, 5}), nodes({1, 2, 3})));
  log.append(change(1, nodes({3, 4, 5})));
  log.append({.term = 1});
  EXPECT_EQ(log.voters(), (Voters{nodes({3, 4, 5}), 0, 3}));
  EXPECT_EQ(log.voters_at(1), first);
  EXPECT_TRUE(log.voters_at(2).joint());
  log.truncate_from(3);
  EXPECT_TRUE(log.voters().joint());
  log.discard_through(2);
  EXPECT_TRUE(log.voters().joint()) << "what the log forgets, its begin remembers";

  Log again(storage);
  again.recover(2, 1, log.hash_at(2), log.voters());
  EXPECT_EQ(again.voters(), log.voters());
  log.reset(9, 2, 77, first);
  EXPECT_EQ(log.voters(), first);
}

// n1 leads term 1 of n1, n2 and n3.
VoterRules led_by_n1() {
  VoterRules rules;
  rules.on_voters(n(1), {.now = nodes({1, 2, 3})});
  rules.on_counted(n(1), 1, n(2));
  EXPECT_FALSE(rules.on_leader(n(1), 1));
  EXPECT_FALSE(rules.on_commit(n(1), 1, nodes({1, 2})));
  return rules;
}

TEST(VoterRules, ElectionsNeedVotesOfVoters) {
  VoterRules rules;
  rules.on_voters(n(1), {.now = nodes({1, 2, 3})});
  rules.on_counted(n(1), 1, n(4));
  EXPECT_TRUE(rules.on_leader(n(1), 1));
  EXPECT_TRUE(rules.on_leader(n(1), 2)) << "those of another term";
  rules.on_counted(n(1), 3, n(2));
  EXPECT_FALSE(rules.on_leader(n(1), 3));
}

TEST(VoterRules, CommitmentsNeedBothMajoritiesWhileJoint) {
  VoterRules rules = led_by_n1();
  Voters joint{nodes({3, 4, 5}), nodes({1, 2, 3}), 2};
  EXPECT_FALSE(rules.on_voters(n(1), joint));
  EXPECT_TRUE(rules.on_commit(n(1), 2, nodes({3, 4, 5})));
  EXPECT_TRUE(rules.on_commit(n(1), 2, nodes({1, 2, 3})));
  EXPECT_FALSE(rules.on_commit(n(1), 2, nodes({1, 3, 4})));
  EXPECT_FALSE(rules.on_voters(n(1), {nodes({3, 4, 5}), 0, 3}));
}

TEST(VoterRules, MajoritiesOfTwoConfigurationsMeet) {
  EXPECT_TRUE(led_by_n1().on_voters(n(1), {nodes({3, 4, 5}), 0, 2})) << "no joint one between";
  EXPECT_FALSE(led_by_n1().on_voters(n(1), {nodes({1, 2, 3, 4}), 0, 2})) << "one server more";
  EXPECT_TRUE(led_by_n1().on_voters(n(1), {nodes({3, 4, 5}), nodes({1, 2}), 2}));
}

TEST(VoterRules, OneChangeAtATimeAndNotBeforeACommitmentOfTheTerm) {
  VoterRules hasty = led_by_n1();
  EXPECT_FALSE(hasty.on_voters(n(1), {nodes({1, 2, 3, 4}), 0, 2}));
  EXPECT_TRUE(hasty.on_voters(n(1), {nodes({1, 2, 3, 4, 5}), 0, 3}));
  VoterRules early;
  early.on_voters(n(2), {.now = nodes({1, 2, 3})});
  early.on_counted(n(2), 2, n(3));
  EXPECT_FALSE(early.on_leader(n(2), 2));
  EXPECT_TRUE(early.on_voters(n(2), {nodes({2, 3}), 0, 2}));
  EXPECT_FALSE(led_by_n1().on_voters(n(2), {nodes({2, 3}), 0, 2})) << "a follower's";
}

TEST(RaftMembership, ChangesItsVotersAndStaysLinearizableUnderAllFaults) {
  const std::vector<std::string> often{"members=3", "reconfigure=200ms"};
  std::vector<std::string> single{"members=4", "reconfigure=200ms", "change=single"};
  std::vector<std::string> leases = often, snapshots = often;
  leases.insert(leases.end(), {"read=lease", "pre-vote=false"});
  snapshots.insert(snapshots.end(), {"snapshot-every=50", "snapshot-chunk=512"});
  for (const auto& set : {often, single, leases, snapshots}) {
    JudgedRuns wanted{"raft", "register", set};
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
    EXPECT_GT(tally.probes["new configuration"], 20u) << told(wanted);
    EXPECT_GT(tally.probes["leader left the voters"], 0u) << told(wanted);
    EXPECT_GT(tally.probes["leadership transferred"], 20u) << told(wanted);
    if (set != single) {
      EXPECT_GT(tally.probes["joint configuration"], 20u) << told(wanted);
    }
  }
}

TEST(RaftMembership, IsChangedByOperatorsAndStaysLinearizable) {
  std::vector<std::string> snapshots{"snapshot-every=50", "snapshot-chunk=512"};
  std::vector<std::string> single{"change=single", "members=4"};
  for (const auto& set : {std::vector<std::string>{}, single, snapshots, {"read=lease"}}) {
    JudgedRuns wanted{.system = "raft",
                      .workload = "register",
                      .set = set,
                      .nemeses = "members,transfer,partition,kill"};
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
    EXPECT_GT(tally.probes["new configuration"], 10u) << told(wanted);
    EXPECT_GT(tally.probes["leadership transferred"], 10u) << told(wanted);
  }
}

TEST(RaftMembership, OperatorsAloneShowFlaws) {
  for (const char* flaw : {"switch-without-joint", "removed-leader-goes-on"}) {
    JudgedRuns wanted{.system = "raft",
                      .workload = "register",
                      .flaw = flaw,
                      .nemeses = "members",
                      .seeds = 30,
                      .until_invalid = true};
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.invalid, 1u) << told(wanted) << ": " << tally.first_trouble;
  }
}

TEST(RaftMembership, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  for (const Flaw& flaw : systems.find("raft")->flaws) {
    // A partition must begin within the milliseconds between a bidding and the election: seed 69.
    if (flaw.workload.empty() || flaw.name == "lease-kept-over-transfer") continue;
    JudgedRuns wanted{"raft", flaw.workload, flaw.set, flaw.name};
    wanted.seeds = 30;
    wanted.until_invalid = true;
    JudgedTally tally = play(wanted);
    if (flaw.anomaly == "no-progress") {
      EXPECT_GT(tally.unknown, 0u) << told(wanted);
      EXPECT_EQ(tally.invalid, 0u) << told(wanted);
      continue;
    }
    EXPECT_EQ(tally.invalid, 1u) << told(wanted);
    EXPECT_EQ(tally.anomaly, flaw.anomaly) << told(wanted) << ": " << tally.first_trouble;
  }
}

}  // namespace
}  // namespace sunder::raft
