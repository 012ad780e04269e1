// The queue over Raft: exactly once, in order, whatever happens; and what brokers do wrong.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/api/system.h"
#include "nodes/kv/objects/queues.h"
#include "tests/nodes/support/judged_runs.h"

namespace sunder {
namespace {

using testing_support::JudgedRuns;
using testing_support::JudgedTally;
using testing_support::play;
using testing_support::told;

TEST(Queue, PeekingTakesNothing) {
  KvQueues queues;
  EXPECT_EQ(queues.peek(1, 0), std::nullopt);
  queues.enqueue(1, 10);
  queues.enqueue(1, 11);
  EXPECT_EQ(queues.peek(1, 0), 10);
  EXPECT_EQ(queues.peek(1, 1), 11);
  EXPECT_EQ(queues.peek(1, 2), std::nullopt);
  EXPECT_EQ(queues.dequeue(1), 10);
}

TEST(Queue, DeliversExactlyOnceUnderAllFaults) {
  for (const JudgedRuns& wanted :
       {JudgedRuns{"queue", "queue"},
        JudgedRuns{"queue", "queue", {"members=3", "reconfigure=500ms", "snapshot-every=50"}}}) {
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << told(wanted) << ": " << tally.first_trouble;
  }
}

TEST(Queue, ShowsTheFlawsOfBrokers) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("queue");
  EXPECT_GE(system->flaws.size(), 6u);
  for (const Flaw& flaw : system->flaws) {
    JudgedRuns wanted{"queue", flaw.workload, {"keys=2"}, flaw.name};
    wanted.seeds = 30;
    wanted.until_invalid = true;
    wanted.time_budget = "20ms";  // other checks tell at once what a search would for long
    JudgedTally tally = play(wanted);
    EXPECT_EQ(tally.invalid, 1u) << told(wanted);
  }
}

}  // namespace
}  // namespace sunder
