// The mvr system in the simulator: sound under all faults, refuted as more than it claims, and
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

ObjectSweep of_mvr() { return {.system = "mvr", .workload = "crdt-mv-register"}; }

TEST(Mvr, IsAMultiValueRegisterUnderAllFaults) {
  ObjectSweep wanted = of_mvr();
  wanted.demands = causal;
  wanted.seeds = 5;
  ObjectTally tally = sweep(wanted);
  EXPECT_EQ(tally.valid, 5u) << tally.first_trouble;
  wanted.set = {"push=false", "compact-every=20"};
  tally = sweep(wanted);
  EXPECT_EQ(tally.valid, 5u) << tally.first_trouble;
}

// A write replaces what its client read elsewhere, although the replica never had it.
TEST(Mvr, KeepsItsMeaningForSessionsThatMove) {
  ObjectSweep wanted = of_mvr();
  wanted.set = {"clients=moving"};
  wanted.demands = {{"sessions", "false"}, {"causal", "true"}};
  ObjectTally tally = sweep(wanted);
  EXPECT_EQ(tally.valid, 3u) << tally.first_trouble;
  wanted.demands = {};
  EXPECT_EQ(sweep(wanted).invalid, 3u);
}

TEST(Mvr, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  for (const Flaw& flaw : systems.find("mvr")->flaws) {
    ObjectSweep wanted = of_mvr();
    wanted.flaw = flaw.name;
    wanted.seeds = 5;
    wanted.until_invalid = true;
    ObjectTally tally = sweep(wanted);
    EXPECT_EQ(tally.anomaly, flaw.anomaly) << flaw.name << ": " << tally.first_trouble;
  }
}

}  // namespace
}  // namespace sunder
