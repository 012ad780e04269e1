// What each load is for: the shapes of its ops, values that are unique, keys that are skewed.

#include <gtest/gtest.h>

#include <set>

#include "tests/workloads/support/offline.h"

namespace sunder {
namespace {

using namespace testing_support;

/// Every value of [key value] under this verb, as text; each must be new.
void expect_unique(const std::string& workload, const std::string& verb) {
  std::set<std::string> seen;
  for (const Op& op : play_load(workload).invocations()) {
    if (op.verb != verb) continue;
    EXPECT_TRUE(seen.insert(to_json(argument_of(op))).second) << describe(op);
  }
  EXPECT_GT(seen.size(), 400u) << workload;
}

TEST(Loads, ValuesThatMustBeUniqueAre) {
  expect_unique("multi-register", "write");
  expect_unique("set", "add");
  expect_unique("queue", "enqueue");
  expect_unique("causal", "add");
  expect_unique("crdt-lww-register", "write");
  expect_unique("crdt-or-set", "add");  // their tags are
  expect_unique("text", "insert");
}

TEST(Loads, SharedKeysAreSkewed) {
  for (const char* workload : {"multi-register", "set", "queue", "crdt-g-counter", "text"}) {
    std::map<std::int64_t, std::size_t> uses;
    for (const Op& op : play_load(workload).invocations()) ++uses[key_of(op)];
    EXPECT_GT(uses[0], 2 * uses[3]) << workload;
    EXPECT_GT(uses[3], 20u) << workload;
    std::map<std::int64_t, std::size_t> even;
    for (const Op& op : play_load(workload, {.set = {{"skew", "0"}}}).invocations()) {
      ++even[key_of(op)];
    }
    EXPECT_LT(even[0], 2 * even[3]) << workload;
  }
}

TEST(Loads, MovingKeysAreLeftForGood) {
  for (const char* workload : {"counter", "monotonic", "causal"}) {
    std::map<std::int64_t, std::pair<std::size_t, std::size_t>> spans;  // key -> first, last use
    std::vector<Op> ops = play_load(workload, {.set = {{"ops-per-key", "100"}}}).invocations();
    for (std::size_t i = 0; i < ops.size(); ++i) {
      auto [at, fresh] = spans.try_emplace(key_of(ops[i]), i, i);
      at->second.second = i;
    }
    EXPECT_GT(spans.size(), 15u) << workload;
    for (const auto& [key, span] : spans) {
      EXPECT_LT(span.second - span.first, 500u) << workload << ", key " << key;
    }
  }
}

TEST(Loads, RegistersCanHaveUniqueValues) {
  std::set<std::pair<std::int64_t, std::int64_t>> written;
  for (const Op& op : play_load("register", {.set = {{"unique", "true"}}}).invocations()) {
    ASSERT_NE(op.verb, "cas");
    if (op.verb != "write") continue;
    EXPECT_TRUE(written.insert({key_of(op), argument_of(op).integer()}).second) << describe(op);
  }
  EXPECT_GT(written.size(), 400u);
}

TEST(Loads, AClientReleasesWhatItAcquiredAndNothingElse) {
  // Every third acquire is refused.
  int asked = 0;
  auto answers = [&asked](const Op& op) {
    bool refused = op.verb == "acquire" && ++asked % 3 == 0;
    return gen::Answer{refused ? Phase::fail : Phase::ok};
  };
  std::map<std::pair<std::int64_t, std::int32_t>, bool> holds;
  std::size_t releases = 0;
  for (const Op& op : play_load("lock", {}, answers).history) {
    bool& held = holds[{key_of(op), op.process.id}];
    if (op.verb == "release" && op.phase == Phase::invoke) {
      EXPECT_TRUE(held) << describe(op);
      ++releases;
    }
    if (op.phase == Phase::ok) held = op.verb == "acquire";
  }
  EXPECT_GT(releases, 500u);
}

TEST(Loads, ALockIsLeftWhenItsHolderNeverLearntOfIt) {
  gen::Play play = play_load("lock", {.ops = 600}, gen::lost());
  std::set<std::int64_t> locks;
  for (const Op& op : play.invocations()) locks.insert(key_of(op));
  EXPECT_EQ(locks.size(), 100u) << "six processes each";
}

TEST(Loads, TransfersAreBetweenTwoAccountsOfTheBank) {
  for (const Op& op : play_load("bank").invocations()) {
    if (op.verb != "transfer") continue;
    std::int64_t from = op.value.find("from")->integer();
    std::int64_t to = op.value.find("to")->integer();
    EXPECT_NE(from, to);
    EXPECT_TRUE(from >= 0 && from < 8 && to >= 0 && to < 8) << describe(op);
    EXPECT_GT(op.value.find("amount")->integer(), 0);
  }
}

TEST(Loads, RegistersOfALongForkAreWrittenOnceAndReadTogether) {
  std::set<std::int64_t> written;
  for (const Op& op : play_load("long-fork").invocations()) {
    const List& micro_ops = argument_of(op).list();
    ASSERT_FALSE(micro_ops.empty());
    if (micro_ops[0].list()[0] == Value(":w")) {
      EXPECT_EQ(micro_ops.size(), 1u);
      EXPECT_TRUE(written.insert(micro_ops[0].list()[1].integer()).second) << describe(op);
    } else {
      EXPECT_EQ(micro_ops.size(), 3u);
    }
    for (const Value& micro_op : micro_ops) {
      EXPECT_EQ(micro_op.list()[1].integer() / 3, key_of(op)) << "every key in its group";
    }
  }
  EXPECT_GT(written.size(), 200u);
}

TEST(Loads, TransactionsWriteEveryValueOnceOverKeysThatMoveOn) {
  for (const auto& [workload, write] : {std::pair{"list-append", ":append"},
                                        {"rw-register", ":w"}}) {
    std::set<std::int64_t> written;
    std::map<std::int64_t, std::size_t> keys;
    std::map<std::size_t, std::size_t> lengths;
    std::size_t reads = 0;
    for (const Op& op : play_load(workload).invocations()) {
      ++lengths[op.value.list().size()];
      for (const Value& micro_op : op.value.list()) {
        const List& parts = micro_op.list();
        ++keys[parts[1].integer()];
        reads += parts[0] == Value(":r") ? 1 : 0;
        if (parts[0] != Value(write)) continue;
        EXPECT_TRUE(written.insert(parts[2].integer()).second) << describe(op);
      }
    }
    EXPECT_EQ(lengths.size(), 4u) << workload << ": of one to four";
    EXPECT_EQ(lengths.begin()->first, 1u) << workload;
    EXPECT_GT(written.size(), 2000u) << workload;
    EXPECT_GT(reads, 2000u) << workload;
    EXPECT_GT(keys.size(), 30u) << workload;
    for (const auto& [key, uses] : keys) EXPECT_LT(uses, 500u) << workload << ", key " << key;
  }
}

TEST(Loads, EveryConsumerAssignsItsKeysFirst) {
  std::set<std::int32_t> assigned;
  std::set<std::int64_t> sent;
  // Every fifth op is lost, and with it its consumer.
  int asked = 0;
  auto answers = [&asked](const Op&) {
    return gen::Answer{++asked % 5 == 0 ? Phase::info : Phase::ok};
  };
  for (const Op& op : play_load("log", {}, answers).invocations()) {
    if (op.verb == "assign") {
      EXPECT_TRUE(assigned.insert(op.process.id).second) << describe(op);
      continue;
    }
    EXPECT_TRUE(assigned.contains(op.process.id)) << describe(op);
    if (op.verb != "send") continue;
    EXPECT_TRUE(sent.insert(op.value.list()[0].list()[2].integer()).second) << describe(op);
  }
  EXPECT_GT(assigned.size(), 300u);
  EXPECT_GT(sent.size(), 500u);
}

TEST(Loads, DeletesNameWhatWasInsertedIntoThatDocument) {
  std::map<std::int64_t, std::int64_t> document_of;  // value -> key
  std::size_t deletes = 0;
  std::size_t hits = 0;
  for (const Op& op : play_load("text").invocations()) {
    if (op.verb == "read") continue;
    std::int64_t value = argument_of(op).find("value")->integer();
    if (op.verb == "insert") document_of[value] = key_of(op);
    if (op.verb != "delete") continue;
    ++deletes;
    auto inserted = document_of.find(value);
    hits += inserted != document_of.end() && inserted->second == key_of(op) ? 1 : 0;
  }
  EXPECT_GT(deletes, 300u);
  EXPECT_GT(hits * 10, deletes * 9);
}

TEST(Finales, EveryClientReadsEveryKey) {
  for (const auto& [workload, verb] : {std::pair{"set", "read"},
                                       {"multi-register", "read"},
                                       {"crdt-or-set", "final-read"},
                                       {"text", "final-read"}}) {
    std::set<std::pair<std::int32_t, std::int64_t>> reads;
    for (const Op& op : play_finale(workload, {.set = {{"keys", "3"}}}).invocations()) {
      if (op.verb == verb) reads.insert({op.process.id, key_of(op)});
    }
    EXPECT_EQ(reads.size(), 30u) << workload;
  }
}

// The offline player repeats arguments, so that a dequeue finds nothing at once unless it fails.
TEST(Finales, QueuesAreDrainedUntilNothingIsFound) {
  std::map<std::pair<std::int32_t, std::int64_t>, int> asked;
  auto answers = [&asked](const Op& op) {
    return gen::Answer{++asked[{op.process.id, key_of(op)}] < 4 ? Phase::fail : Phase::ok};
  };
  gen::Play play = play_finale("queue", {.set = {{"keys", "2"}}}, answers);
  EXPECT_EQ(asked.size(), 20u);
  for (const auto& [who, times] : asked) EXPECT_EQ(times, 4);
}

TEST(Finales, ReplicasTellTheirLogsWhenAllReadsAreDone) {
  std::vector<Op> ops = play_finale("crdt-g-set", {.set = {{"keys", "2"}}}).invocations();
  ASSERT_EQ(ops.size(), 22u);
  for (std::size_t i = 0; i < ops.size(); ++i) EXPECT_EQ(ops[i].verb == "log", i >= 20);
}

}  // namespace
}  // namespace sunder
