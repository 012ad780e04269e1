// The sharded database under all faults: both levels keep their claims, the weaker one breaks the
// stronger, what is prepared survives, and every flaw is caught.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/two_phase/journal.h"
#include "tests/nodes/support/memory_storage.h"
#include "tests/nodes/support/txn_sweep.h"

namespace sunder {
namespace {

using testing_support::MemoryStorage;
using testing_support::sweep;
using testing_support::told;
using testing_support::TxnSweep;
using testing_support::TxnTally;

TEST(TwoPhase, KeepsTheMoneyTogetherUnderAllFaultsAndGoesOnAfterThem) {
  for (const char* isolation : {"isolation=snapshot", "isolation=strict-serializable"}) {
    for (const char* workload : {"bank", "long-fork"}) {
      TxnSweep wanted{"two_phase", workload, {isolation}};
      TxnTally tally = sweep(wanted);
      EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
      if (wanted.workload != "bank") continue;  // only it has final reads
      EXPECT_EQ(tally.back_after_healing, wanted.seeds) << told(wanted);
    }
  }
}

TEST(TwoPhase, KeepsItsClaimOnTransactionsOfAnyShape) {
  for (const char* isolation : {"isolation=snapshot", "isolation=strict-serializable"}) {
    for (const char* workload : {"list-append", "rw-register"}) {
      TxnSweep wanted{"two_phase", workload, {isolation}};
      wanted.seeds = 12;
      TxnTally tally = sweep(wanted);
      EXPECT_EQ(tally.undecided, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
    }
  }
}

TEST(TwoPhase, SnapshotsBreakSerializability) {
  TxnSweep wanted{"two_phase", "list-append", {"isolation=snapshot", "held-to=serializable"}};
  wanted.until_invalid = true;
  EXPECT_EQ(sweep(wanted).first_anomaly, "broken-invariant");
}

TEST(TwoPhase, RarePathsAreReached) {
  std::map<std::string, std::uint64_t> probes = sweep({"two_phase", "bank"}).probes;
  for (const char* name :
       {"a read waited for a prepared write", "a transaction was voted down",
        "a participant was in doubt", "prepared transactions survived a restart",
        "an abort was presumed", "a coordinator gave up",
        "a transaction was prepared on several nodes"}) {
    EXPECT_GT(probes[name], 0u) << name;
  }
}

TEST(TwoPhase, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("two_phase");
  EXPECT_GE(system->flaws.size(), 6u);
  for (const Flaw& flaw : system->flaws) {
    if (flaw.anomaly == "no-progress") continue;  // nothing wrong is answered: see below
    TxnSweep wanted{"two_phase", flaw.workload, flaw.set, flaw.name};
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

// All balances are read together, so that one account that stays locked stops every read.
TEST(TwoPhase, WhoNeverAsksStaysLocked) {
  TxnSweep wanted{"two_phase", "bank", {}, "nobody-asks"};
  TxnTally tally = sweep(wanted);
  EXPECT_EQ(tally.invalid, 0u) << tally.first_trouble;
  EXPECT_LT(tally.back_after_healing, wanted.seeds);
}

TEST(TwoPhaseJournal, GivesBackWhatItWasToldUpToATornEnd) {
  MemoryStorage storage([](testing_support::DiskImage) {});
  two_phase::Journal journal(storage);
  two_phase::Prepare prepare{.txn = 77, .snapshot = 5, .reads = {1, -2}, .writes = {}};
  prepare.writes.push_back({.key = 3, .append = true, .value = -9, .number = 1});
  prepare.writes.push_back({.key = 4, .append = false, .value = 8, .number = 2});
  journal.prepared(NodeId::node(2), prepare);
  journal.decided({.txn = 77, .time = 9, .client = NodeId::client(4)});
  journal.ended(77, 9);
  journal.prepared(NodeId::node(1), prepare);
  storage.now.log.back().resize(4);
  std::string order;
  two_phase::Prepare found;
  journal.recover({
      .prepared =
          [&](NodeId coordinator, two_phase::Prepare one) {
            order += "prepared by " + to_string(coordinator) + ", ";
            found = std::move(one);
          },
      .ended =
          [&](std::int64_t txn, std::int64_t time) {
            order += "ended " + std::to_string(txn) + " at " + std::to_string(time) + ", ";
          },
      .decided =
          [&](const two_phase::Decision& decision) {
            order += "decided for " + to_string(decision.client) + ", ";
          },
  });
  EXPECT_EQ(order, "prepared by n3, decided for c5, ended 77 at 9, ");
  EXPECT_EQ(found, prepare);
  EXPECT_EQ(storage.log_end(), 3u) << "the torn record is gone";
}

}  // namespace
}  // namespace sunder
