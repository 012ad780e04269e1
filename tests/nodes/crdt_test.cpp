// The crdt system in the simulator: sound under all faults, refuted as more than it claims, and
// caught with each flaw.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "tests/nodes/support/object_sweep.h"

namespace sunder {
namespace {

using testing_support::ObjectSweep;
using testing_support::ObjectTally;
using testing_support::sweep;

const std::map<std::string, std::string> causal{{"causal", "true"}, {"finale", "true"}};

TEST(Crdt, IsEventualAndCausalUnderAllFaults) {
  for (const char* workload : {"crdt-g-counter", "crdt-pn-counter", "crdt-g-set", "crdt-or-set",
                               "crdt-lww-register"}) {
    ObjectTally tally = sweep({.system = "crdt", .workload = workload, .demands = causal});
    EXPECT_EQ(tally.valid, 3u) << workload << ": " << tally.first_trouble;
  }
}

TEST(Crdt, IsEventualByDigestsAloneAndOverSnapshots) {
  for (const char* workload : {"crdt-g-set", "crdt-or-set"}) {
    ObjectTally tally = sweep({.system = "crdt",
                               .workload = workload,
                               .set = {"push=false", "compact-every=20"},
                               .demands = causal});
    EXPECT_EQ(tally.valid, 3u) << workload << ": " << tally.first_trouble;
  }
}

TEST(Crdt, OrdersWritesAsTheyWereSeenUnlessByWallClocks) {
  ObjectSweep wanted{.system = "crdt",
                     .workload = "crdt-lww-register",
                     .demands = {{"arbitration", "causal"}}};
  EXPECT_EQ(sweep(wanted).valid, 3u);
  wanted.set = {"stamps=wall"};
  wanted.until_invalid = true;
  wanted.seeds = 20;
  EXPECT_EQ(sweep(wanted).anomaly, "arbitration-against-visibility");
  wanted.demands = {};  // but it converges
  wanted.seeds = 3;
  EXPECT_EQ(sweep(wanted).valid, 3u);
}

TEST(Crdt, PromisesSessionsThatMoveNothing) {
  ObjectSweep wanted{.system = "crdt",
                     .workload = "crdt-or-set",
                     .set = {"clients=moving"},
                     .demands = {{"sessions", "false"}}};
  EXPECT_EQ(sweep(wanted).valid, 3u);
  wanted.demands = {};
  EXPECT_EQ(sweep(wanted).invalid, 3u);
}

TEST(Crdt, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  for (const Flaw& flaw : systems.find("crdt")->flaws) {
    ObjectTally tally = sweep({.system = "crdt",
                               .workload = flaw.workload,
                               .flaw = flaw.name,
                               .seeds = 5,
                               .until_invalid = true});
    EXPECT_EQ(tally.anomaly, flaw.anomaly) << flaw.name << ": " << tally.first_trouble;
  }
}

}  // namespace
}  // namespace sunder
