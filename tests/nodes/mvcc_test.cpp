// The database under all faults: every level keeps its claim and breaks the next stronger one, and
// every flaw is caught.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/mvcc/conflicts.h"
#include "tests/nodes/support/txn_sweep.h"

namespace sunder {
namespace {

using mvcc::Conflicts;
using testing_support::sweep;
using testing_support::told;
using testing_support::TxnSweep;
using testing_support::TxnTally;

TEST(Mvcc, SnapshotsKeepTheMoneyTogetherUnderAllFaults) {
  for (const char* isolation : {"repeatable-read", "serializable"}) {
    for (const char* snapshots : {"fresh", "stale"}) {
      for (const char* workload : {"bank", "long-fork"}) {
        TxnSweep wanted{"mvcc", workload};
        wanted.set = {std::string("isolation=") + isolation,
                      std::string("snapshots=") + snapshots};
        TxnTally tally = sweep(wanted);
        EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
        if (wanted.workload != "bank") continue;  // only it has final reads
        EXPECT_EQ(tally.back_after_healing, wanted.seeds) << told(wanted);
      }
    }
  }
}

// No checker decides these claims, so the best that a run can be is undecided; each level's own
// graph of transactions is watched all the same.
TEST(Mvcc, EveryLevelKeepsItsClaimOnTransactionsOfAnyShape) {
  for (const char* isolation :
       {"read-uncommitted", "read-committed", "repeatable-read", "serializable"}) {
    for (const char* snapshots : {"fresh", "stale"}) {
      for (const char* workload : {"list-append", "rw-register"}) {
        TxnSweep wanted{"mvcc", workload};
        wanted.set = {std::string("isolation=") + isolation,
                      std::string("snapshots=") + snapshots};
        TxnTally tally = sweep(wanted);
        EXPECT_EQ(tally.undecided, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
      }
    }
  }
}

TEST(Mvcc, EveryLevelBreaksTheNextStrongerClaim) {
  struct Step {
    const char* isolation;
    const char* snapshots;
    const char* held_to;
  };
  for (const Step& step : {Step{"read-uncommitted", "fresh", "read-committed"},
                           Step{"read-committed", "fresh", "snapshot-isolation"},
                           Step{"repeatable-read", "stale", "strong-snapshot-isolation"},
                           Step{"repeatable-read", "stale", "serializable"},
                           Step{"repeatable-read", "fresh", "serializable"},
                           Step{"serializable", "stale", "strict-serializable"}}) {
    TxnSweep wanted{"mvcc", "list-append"};
    wanted.set = {std::string("isolation=") + step.isolation,
                  std::string("snapshots=") + step.snapshots,
                  std::string("held-to=") + step.held_to};
    wanted.until_invalid = true;
    TxnTally tally = sweep(wanted);
    EXPECT_EQ(tally.invalid, 1u) << told(wanted);
    EXPECT_EQ(tally.first_anomaly, "broken-invariant") << told(wanted);
  }
}

TEST(Mvcc, TheBankRefutesWhatLosesUpdates) {
  for (const char* isolation : {"isolation=read-uncommitted", "isolation=read-committed"}) {
    TxnSweep wanted{"mvcc", "bank", {isolation}};
    wanted.until_invalid = true;
    EXPECT_EQ(sweep(wanted).first_anomaly, "wrong-total") << told(wanted);
  }
}

TEST(Mvcc, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("mvcc");
  EXPECT_GE(system->flaws.size(), 6u);
  for (const Flaw& flaw : system->flaws) {
    TxnSweep wanted{"mvcc", flaw.workload, flaw.set, flaw.name};
    wanted.seeds = 60;
    wanted.until_invalid = true;
    TxnTally tally = sweep(wanted);
    EXPECT_EQ(tally.invalid, 1u) << told(wanted);
    EXPECT_TRUE(flaw.anomaly.empty() || tally.first_anomaly == flaw.anomaly) << told(wanted);
    wanted.flaw.clear();
    wanted.seeds = tally.valid + tally.undecided + tally.unknown + 1;
    EXPECT_EQ(sweep(wanted).invalid, 0u) << told(wanted) << " is sound on the same seeds";
  }
}

TEST(Mvcc, RarePathsAreReached) {
  std::map<std::string, std::uint64_t> probes = sweep({"mvcc", "list-append"}).probes;
  for (const char* name :
       {"a lock was taken", "another updater was first", "a dangerous structure was stopped",
        "a commit was asked for again"}) {
    EXPECT_GT(probes[name], 0u) << name;
  }
}

// Both read both keys and each writes one: whoever commits last is stopped.
TEST(Conflicts, WriteSkewIsStopped) {
  Conflicts conflicts{mvcc::Flaws{}};
  conflicts.begin(1, 0);
  conflicts.begin(2, 0);
  for (std::int64_t txn : {1, 2}) {
    for (std::int64_t key : {7, 8}) conflicts.read(txn, key);
  }
  conflicts.write(1, 7);
  conflicts.write(2, 8);
  EXPECT_TRUE(conflicts.may_commit(1, true));
  conflicts.commit(1, 1, true);
  EXPECT_FALSE(conflicts.may_commit(2, true));
}

TEST(Conflicts, OneAntiDependencyAloneIsNoHarm) {
  Conflicts conflicts{mvcc::Flaws{}};
  conflicts.begin(1, 0);
  conflicts.begin(2, 0);
  conflicts.read(1, 7);
  conflicts.write(2, 7);
  EXPECT_TRUE(conflicts.may_commit(2, true));
  conflicts.commit(2, 1, true);
  EXPECT_TRUE(conflicts.may_commit(1, false));
}

// 1 -> 2 -> 3 of anti-dependencies, 3 and then 2 committed, and 1 only reads: harm only where 3 had
// committed before 1's snapshot, so that 1 has seen 3 and not 2.
TEST(Conflicts, AReaderIsStoppedOnlyWhereItHasSeenTheFirst) {
  for (bool seen : {false, true}) {
    Conflicts conflicts{mvcc::Flaws{}};
    conflicts.begin(2, 0);
    conflicts.begin(3, 0);
    conflicts.read(2, 7);
    conflicts.write(3, 7);
    if (!seen) conflicts.begin(1, 0);
    conflicts.commit(3, 1, true);
    if (seen) conflicts.begin(1, 1);
    conflicts.write(2, 8);
    ASSERT_TRUE(conflicts.may_commit(2, true)) << "nobody has overlooked it yet";
    conflicts.commit(2, 2, true);
    conflicts.read(1, 8);
    conflicts.overlooks(1, 2);
    EXPECT_EQ(conflicts.may_commit(1, false), !seen);
    EXPECT_FALSE(conflicts.may_commit(1, true)) << "a writer is always stopped";
  }
}

TEST(Conflicts, AnAbortedTransactionLeavesNoTrace) {
  Conflicts conflicts{mvcc::Flaws{}};
  for (std::int64_t txn : {1, 2}) {
    conflicts.begin(txn, 0);
    conflicts.read(txn, 7);
    conflicts.read(txn, 8);
  }
  conflicts.write(1, 7);
  conflicts.write(2, 8);
  conflicts.abort(1);
  EXPECT_TRUE(conflicts.may_commit(2, true));
}

}  // namespace
}  // namespace sunder
