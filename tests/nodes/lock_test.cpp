// The lock service: its two claims hold under all faults, exclusion does not outlive its lease, and
// every flaw shows where its sound twin is valid.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/kv/objects/leases.h"
#include "tests/nodes/support/judged_runs.h"

namespace sunder {
namespace {

using testing_support::JudgedRuns;
using testing_support::JudgedTally;
using testing_support::play;
using testing_support::told;

TEST(Leases, TokensGrowAndOnlyTheHolderRenews) {
  KvLeases leases({});
  EXPECT_EQ(leases.acquire(1, 10, 0), 1);
  EXPECT_EQ(leases.acquire(1, 11, 0), std::nullopt);
  EXPECT_EQ(leases.renew(1, 11), std::nullopt);
  EXPECT_EQ(leases.renew(1, 10), 1);
  leases.release(1, 11);  // not its own
  EXPECT_EQ(leases.acquire(1, 11, 0), std::nullopt);
  leases.release(1, 10);
  EXPECT_EQ(leases.acquire(1, 11, 0), 2);
  EXPECT_EQ(leases.acquire(2, 11, 0), 1) << "another lock";
}

TEST(Leases, AnEndMeansOneGrantAndNoLaterOne) {
  KvLeases leases({});
  leases.acquire(1, 10, 0);
  std::int64_t first = leases.held(1)->grants;
  leases.renew(1, 10);
  leases.expire(1, first);
  EXPECT_TRUE(leases.held(1)) << "it was renewed while its end was under way";
  leases.expire(1, leases.held(1)->grants);
  EXPECT_FALSE(leases.held(1));
  EXPECT_EQ(leases.renew(1, 10), std::nullopt);
  EXPECT_EQ(leases.acquire(1, 11, 0), 2);
}

TEST(Leases, TheResourceRefusesWhatIsOlderThanWhatItHasMet) {
  KvLeases leases({});
  EXPECT_TRUE(leases.write(1, 2, 20));
  EXPECT_FALSE(leases.write(1, 1, 10));
  EXPECT_TRUE(leases.write(1, 2, 21)) << "the same holder writes again";
  EXPECT_TRUE(leases.write(2, 1, 10)) << "another resource";
}

TEST(Leases, AreTheSameAfterASnapshot) {
  KvLeases leases({});
  leases.acquire(1, 10, 0);
  leases.acquire(2, 11, 0);
  leases.release(2, 11);
  leases.write(2, 1, -5);
  ByteWriter out;
  leases.put(out);
  std::string bytes = out.take();
  ByteReader in(bytes);
  KvLeases copy({});
  copy.get(in);
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(copy.digest(), leases.digest());
  EXPECT_EQ(copy.held(1)->token, 1);
  EXPECT_FALSE(copy.write(2, 0, 1));
}

TEST(Lock, KeepsItsClaimsUnderAllFaults) {
  for (const JudgedRuns& wanted :
       {JudgedRuns{"lock", "lock"}, JudgedRuns{"lock", "lease"}, JudgedRuns{"lock", "fenced-lock"},
        JudgedRuns{"lock", "lease", {"members=3", "reconfigure=500ms"}},
        JudgedRuns{"lock", "lock", {"claim=fencing", "exclusion=false", "hold=4s"}}}) {
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
    if (wanted.workload != "fenced-lock") continue;
    EXPECT_GT(tally.probes["lease expired"], 0u);
    EXPECT_GT(tally.probes["leases outlived their leader"], 0u);
  }
}

TEST(Lock, DoesNotExcludeWhoHoldsForLongerThanTheLease) {
  JudgedTally tally = play({"lock", "lock", {"hold=4s"}, {}, {}, "none", 5, true});
  EXPECT_EQ(tally.invalid, 1u);
  EXPECT_EQ(tally.anomaly, "nonlinearizable");
}

TEST(Lock, ShowsItsFlawsWhereItsTwinIsValid) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("lock");
  EXPECT_GE(system->flaws.size(), 8u);
  for (const Flaw& flaw : system->flaws) {
    JudgedRuns wanted{"lock", flaw.workload, flaw.set, flaw.name};
    wanted.seeds = 30;
    wanted.until_invalid = true;
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.invalid, 1u) << told(wanted);
    std::uint64_t seeds = tally.valid + tally.unknown + tally.invalid;
    JudgedTally twin = play({"lock", flaw.workload, flaw.set, {}, {}, "all", seeds});
    EXPECT_EQ(twin.invalid, 0u) << told(wanted) << ": " << twin.first_trouble;
    EXPECT_GT(twin.valid, 0u) << told(wanted);
  }
}

}  // namespace
}  // namespace sunder
