// The chain: configurations as numbers, what a crash leaves of its log, scenes of replicas that are
// removed and return, its invariants on hand-made traces, and seeds of the sound and the flawed.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "nodes/chain/invariants.h"
#include "nodes/chain/log.h"
#include "tests/nodes/support/memory_storage.h"
#include "tests/nodes/support/register_sweep.h"
#include "tests/nodes/support/scene.h"

namespace sunder::chain {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::MemoryStorage;
using testing_support::RegisterSweep;
using testing_support::RegisterTally;
using testing_support::Scene;
using testing_support::sweep;

constexpr std::int64_t x = 1;

std::vector<NodeId> nodes(const std::vector<int>& numbers) {  // 1 is n1
  std::vector<NodeId> ids;
  for (int number : numbers) ids.push_back(NodeId::node(number - 1));
  return ids;
}

std::int64_t chain_of(std::int64_t epoch, const std::vector<int>& numbers) {
  return packed({.epoch = epoch, .members = nodes(numbers)});
}

TEST(ChainConfiguration, is_one_number_and_comes_back) {
  for (const std::vector<int>& members :
       {std::vector<int>{1}, {3, 1, 2}, {9, 8, 7, 6, 5, 4, 3, 2, 1}}) {
    for (std::int64_t epoch : {std::int64_t{1}, std::int64_t{2}, std::int64_t{1} << 26}) {
      Configuration configuration{.epoch = epoch, .members = nodes(members)};
      EXPECT_EQ(unpacked(packed(configuration)), configuration);
    }
  }
}

TEST(ChainConfiguration, numbers_that_stand_for_none_are_refused) {
  EXPECT_EQ(unpacked(-1), std::nullopt);
  EXPECT_EQ(unpacked(0), std::nullopt);                           // no members
  EXPECT_EQ(unpacked(std::int64_t{1} << 36), std::nullopt);       // an epoch without members
  EXPECT_EQ(unpacked((std::int64_t{1} << 36) | 0x11), std::nullopt);   // n1 twice
  EXPECT_EQ(unpacked((std::int64_t{1} << 36) | 0x102), std::nullopt);  // a gap between two
}

Entry entry(std::int64_t value) {
  return {.epoch = 1, .command = {.verb = static_cast<std::uint8_t>(KvVerb::write),
                                  .key = x,
                                  .value = value}};
}

TEST(ChainLog, comes_back_up_to_the_first_hole) {
  MemoryStorage storage([](const testing_support::DiskImage&) {});
  Log log(storage, true);
  for (std::int64_t value : {1, 2, 3, 4}) log.append(entry(value));
  storage.erase("chain entry 3");
  Log again(storage, true);
  again.recover();
  EXPECT_EQ(again.last(), 2);
  EXPECT_EQ(again.hash_at(2), log.hash_at(2));
  // The fourth is still there, and must not be taken for what follows another third.
  again.append(entry(30));
  Log third(storage, true);
  third.recover();
  EXPECT_EQ(third.last(), 3);
  EXPECT_EQ(third.at(3), entry(30));
}

TEST(ChainLog, an_installed_state_hides_what_a_crash_left_of_the_old_one) {
  MemoryStorage storage([](const testing_support::DiskImage&) {});
  Log log(storage, true);
  for (std::int64_t value : {1, 2, 3}) log.append(entry(value));
  Bytes left = *storage.get("chain entry 3");
  log.install(2, log.hash_at(2), 5, "state");
  EXPECT_EQ(log.last(), 2);
  storage.put("chain entry 3", left);  // as if the erasure had been lost
  Log again(storage, true);
  again.recover();
  EXPECT_EQ(again.last(), 2);
  EXPECT_EQ(again.lineage(), 5);
  EXPECT_EQ(again.state(), "state");
}

TEST(ChainLog, keeps_hashes_over_a_snapshot) {
  MemoryStorage storage([](const testing_support::DiskImage&) {});
  Log log(storage, true);
  for (std::int64_t value : {1, 2, 3}) log.append(entry(value));
  std::int64_t hash = log.hash_at(3);
  Bytes before = *storage.get("chain entry 1");
  log.compact(2, "state");
  EXPECT_EQ(log.base(), 2);
  EXPECT_NE(storage.get("chain entry 1"), nullptr);  // the snapshot may still be lost
  log.erase_replaced();
  EXPECT_EQ(storage.get("chain entry 1"), nullptr);
  storage.put("chain entry 1", before);  // as if the erasure had been lost
  Log again(storage, true);
  again.recover();
  EXPECT_EQ(again.base(), 2);
  EXPECT_EQ(again.hash_at(3), hash);
  EXPECT_EQ(storage.get("chain entry 1"), nullptr);
}

void expect_sound(const Scene& scene) {
  for (const BrokenInvariant& broken : scene.record().broken_invariants) {
    ADD_FAILURE() << broken.sentence;
  }
}

TEST(Chain, outlives_a_crash_of_every_node) {
  Scene scene({"chain"});
  EXPECT_EQ(scene.write(0, x, 7), Phase::ok);
  for (int node : {0, 1, 2}) scene.kill(node);
  for (int node : {0, 1, 2}) scene.start(node);
  scene.pass(seconds(3));
  EXPECT_TRUE(scene.all_ready());
  EXPECT_EQ(scene.read(1, x), Value(7));
  EXPECT_EQ(scene.write(2, x, 8), Phase::ok);
  EXPECT_EQ(scene.read(0, x), Value(8));
  expect_sound(scene);
}

TEST(Chain, goes_on_without_its_head_and_takes_it_back_at_the_tail) {
  Scene scene({"chain"});
  EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
  scene.kill(0);
  scene.pass(seconds(3));
  EXPECT_EQ(scene.write(1, x, 2), Phase::ok);
  scene.start(0);
  scene.pass(seconds(3));
  EXPECT_TRUE(scene.all_ready());
  EXPECT_EQ(scene.read(0, x), Value(2));
  // Everything is on the one that came back.
  scene.kill(1);
  scene.pass(seconds(3));
  EXPECT_EQ(scene.read(0, x), Value(2));
  EXPECT_EQ(scene.write(0, x, 3), Phase::ok);
  expect_sound(scene);
}

// Its clients reach it all the time; the service and the chain do not.
TEST(Chain, a_removed_replica_answers_no_read_unless_it_needs_no_lease) {
  for (bool flawed : {false, true}) {
    Scene::Cast cast{"chain"};
    if (flawed) cast.flaws = {"no-leases"};
    Scene scene(cast);
    EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
    EXPECT_EQ(scene.read(2, x), Value(1));
    scene.cut_off(2);
    scene.pass(seconds(3));
    EXPECT_EQ(scene.write(0, x, 2), Phase::ok);
    EXPECT_EQ(scene.read(2, x), Value(flawed ? 1 : 2));
    EXPECT_EQ(scene.record().broken_invariants.empty(), !flawed);
    scene.heal();
    scene.pass(seconds(3));
    EXPECT_TRUE(scene.all_ready());
    EXPECT_EQ(scene.read(2, x), Value(2));
  }
}

Event boot(std::int64_t epoch, std::int64_t members, std::int64_t last) {
  return {.kind = "chain-boot",
          .numbers = {{{"epoch", epoch}, {"members", members}, {"last", last}, {"hash", last}}}};
}
Event began(std::int64_t epoch, std::int64_t members) {
  return {.kind = "chain-epoch", .numbers = {{{"epoch", epoch}, {"members", members}}}};
}
Event synced(std::int64_t epoch, std::int64_t last) {
  return {.kind = "chain-synced", .numbers = {{{"epoch", epoch}, {"last", last}}}};
}
Event lease(std::int64_t epoch, Duration left) {
  return {.kind = "chain-lease", .numbers = {{{"epoch", epoch}, {"left", left.count()}}}};
}
Event append(std::int64_t index, std::int64_t hash, std::int64_t op = -1) {
  return {.kind = "chain-append", .numbers = {{{"index", index}, {"hash", hash}, {"op", op}}}};
}
Event commit(std::int64_t index, std::int64_t hash, std::int64_t state, bool ran = false) {
  return {.kind = "chain-commit",
          .numbers = {{{"index", index}, {"hash", hash}, {"state", state}, {"ran", ran ? 1 : 0}}}};
}
Event acknowledged(std::int64_t index, std::int64_t hash, std::int64_t epoch, std::int64_t op) {
  return {.kind = "chain-acknowledged",
          .numbers = {{{"index", index}, {"hash", hash}, {"epoch", epoch}, {"op", op}}}};
}
Event answered(std::int64_t epoch, std::int64_t last, std::int64_t op) {
  return {.kind = "chain-read", .numbers = {{{"epoch", epoch}, {"last", last}, {"op", op}}}};
}

struct Step {
  int node;  // 1 is n1
  Event event;
  Duration at{0};
};

// The first complaint after what all have in common: n1 and n2 are the chain of epoch 1, both hold
// the write of op 30, and its client has heard so.
std::string complaint(const std::vector<Step>& more) {
  std::int64_t both = chain_of(1, {1, 2});
  std::vector<Step> steps = {{1, boot(1, both, 0)},   {2, boot(1, both, 0)},
                             {1, synced(1, 0)},       {2, synced(1, 0)},
                             {1, append(1, 11, 30)},  {2, append(1, 11)},
                             {1, commit(1, 11, 101)}, {1, acknowledged(1, 11, 1, 30)}};
  steps.insert(steps.end(), more.begin(), more.end());
  ChainInvariants invariants;
  for (const Step& step : steps) {
    auto broken =
        invariants.observe(NodeId::node(step.node - 1), at_start + step.at, step.event);
    if (!broken) continue;
    std::string text = broken->sentence.substr(0, broken->sentence.find(':'));
    for (const ConcernedOp& op : broken->ops) text += " " + std::to_string(op.op);
    return text;
  }
  return {};
}

TEST(ChainInvariants, hold_in_a_good_trace) {
  std::int64_t one = chain_of(2, {2});
  EXPECT_EQ(complaint({{1, answered(1, 1, 31)},
                       {2, commit(1, 11, 101)},
                       {1, lease(1, milliseconds(400))},
                       {2, began(2, one)},
                       {2, synced(2, 1)},
                       {2, lease(2, milliseconds(400)), milliseconds(401)},
                       {1, boot(1, chain_of(1, {1, 2}), 1)},
                       {2, answered(2, 1, 32)}}),
            "");
}

TEST(ChainInvariants, two_epochs_are_not_served_at_once) {
  EXPECT_EQ(complaint({{1, lease(1, milliseconds(400))},
                       {2, lease(2, milliseconds(400)), milliseconds(100)}}),
            "lease safety");
  EXPECT_EQ(complaint({{1, lease(1, milliseconds(400))},
                       {1, began(2, chain_of(2, {2}))},  // has given its lease back
                       {2, lease(2, milliseconds(400)), milliseconds(100)}}),
            "");
  EXPECT_EQ(complaint({{1, began(2, chain_of(2, {1}))}, {2, began(2, chain_of(2, {2}))}}),
            "one chain");
}

TEST(ChainInvariants, what_was_acknowledged_is_everywhere_and_stays) {
  EXPECT_EQ(complaint({{1, append(2, 12, 31)}, {1, acknowledged(2, 12, 1, 31)}}),
            "update propagation 31");
  EXPECT_EQ(complaint({{1, append(2, 12, 31)},
                       {2, append(2, 99)},
                       {1, acknowledged(2, 12, 1, 31)}}),
            "update propagation 31");
  EXPECT_EQ(complaint({{2, boot(1, chain_of(1, {1, 2}), 0)}}), "durability 30");
  EXPECT_EQ(complaint({{3, began(2, chain_of(2, {2, 3}))}, {3, synced(2, 0)}}),
            "state transfer 30");
  EXPECT_EQ(complaint({{3, answered(1, 0, 31)}}), "reads 31 30");
}

TEST(ChainInvariants, all_commit_the_same_with_the_same_result_and_once) {
  EXPECT_EQ(complaint({{2, append(1, 99, 31)}, {2, commit(1, 99, 101)}}),
            "committed prefixes 31 30");
  EXPECT_EQ(complaint({{2, commit(1, 11, 999)}}), "equal states 30");
  EXPECT_EQ(complaint({{1, append(2, 12, 31)},
                       {1, commit(2, 12, 102, true)},
                       {2, commit(2, 12, 102, true)},
                       {1, append(3, 13, 31)},
                       {1, commit(3, 13, 103, true)}}),
            "exactly once 31");
}

TEST(ChainInvariants, survive_holes_and_wild_numbers) {
  EXPECT_EQ(complaint({{1, append(INT64_MAX, 1)},
                       {1, commit(INT64_MAX, 1, 1)},
                       {1, commit(-1, 1, 1)},
                       {1, began(7, INT64_MIN)},
                       {1, lease(7, Duration{-5})},
                       {1, {.kind = "chain-lease"}}}),
            "");
}

TEST(Chain, keeps_its_claim_under_all_faults) {
  for (const RegisterSweep& wanted :
       {RegisterSweep{"chain"}, RegisterSweep{"chain", {"snapshot-every=10"}}}) {
    RegisterTally tally = sweep(wanted);
    EXPECT_EQ(tally.valid, wanted.seeds) << tally.first_trouble;
  }
}

TEST(Chain, shows_its_flaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find("chain");
  EXPECT_GE(system->flaws.size(), 8u);
  for (const Flaw& flaw : system->flaws) {
    // Fewer keys are harder to judge, more are seldom read in the middle of a write.
    RegisterSweep wanted{"chain", {}, flaw.name, {}, 12};
    wanted.seeds = 60;
    wanted.until_invalid = true;
    EXPECT_EQ(sweep(wanted).invalid, 1u) << flaw.name;
  }
}

}  // namespace
}  // namespace sunder::chain
