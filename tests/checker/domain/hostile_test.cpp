// Recorded histories are not to be trusted: whatever values they hold, checks name the op and say
// unknown.

#include <gtest/gtest.h>

#include "catalogue/checker.h"
#include "tests/checker/support/domain_histories.h"
#include "tests/checker/support/histories.h"
#include "tests/checker/support/right_objects.h"

namespace sunder {
namespace {

using testing_support::judge;
using testing_support::ScriptedHistory;

// Those of checker/domain, which are named after the check and its datatype.
std::vector<const CheckerEntry*> domain_checks(const Registry<CheckerEntry>& registry) {
  std::vector<const CheckerEntry*> checks;
  for (const CheckerEntry& entry : registry.all()) {
    bool ours = entry.name == entry.consistency + " " + entry.datatype;
    if (entry.domain && ours) checks.push_back(&entry);
  }
  return checks;
}

Value random_value(Rng& rng, int depth) {
  static constexpr std::int64_t numbers[] = {0, 1, -1, 7, INT64_MAX, INT64_MIN, 1'000'000'000'000};
  static const char* texts[] = {"",  ":poll", ":send", ":r", ":w",
                                "x", "ttl",   ":ttl",  "0",  ":append"};
  switch (rng.below(depth == 0 ? 4 : 7)) {
    case 0: return {};
    case 1: return rng.below(2) == 0;
    case 2: return numbers[rng.below(7)];
    case 3: return texts[rng.below(10)];
    case 4: {
      Map map;
      for (std::uint64_t i = rng.below(4); i > 0; --i) {
        map.set(random_value(rng, depth - 1), random_value(rng, depth - 1));
      }
      return map;
    }
    default: {
      List list;
      for (std::uint64_t i = rng.below(4); i > 0; --i) list.push_back(random_value(rng, depth - 1));
      return list;
    }
  }
}

TEST(HostileHistories, never_break_a_domain_check) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  static const char* verbs[] = {"add",     "read",     "enqueue",   "dequeue",   "drain",
                                "acquire", "release",  "renew",     "write",     "transfer",
                                "txn",     "send",     "poll",      "assign",    "subscribe",
                                "crash",   "generate", "timestamp", "increment", ""};
  for (const CheckerEntry* entry : domain_checks(registry)) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
      Rng rng(seed, Stream::of("hostile"));
      ScriptedHistory script;
      const char* favourite = verbs[rng.below(20)];
      for (std::uint64_t i = rng.below(20); i > 0; --i) {
        auto phase = static_cast<Phase>(rng.below(4));
        const char* verb = rng.below(2) == 0 ? favourite : verbs[rng.below(20)];
        script.add(static_cast<int>(rng.below(4)), phase, verb, random_value(rng, 3));
      }
      Verdict verdict = judge({entry->name}, script.take(), rng.below(2) == 0);
      ASSERT_FALSE(verdict.summary.empty()) << entry->name;
    }
  }
}

// Values of a right history, of this datatype or of another, are replaced by nonsense.
TEST(HostileHistories, with_a_few_damaged_values_never_break_a_domain_check) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  std::unique_ptr<testing_support::RightObject> (*const objects[])() = {
      testing_support::right_set,
      testing_support::right_counter,
      testing_support::right_ids,
      testing_support::right_timestamps,
      testing_support::right_lock,
      testing_support::right_fenced_lock,
      testing_support::right_lease,
      testing_support::right_bank,
      testing_support::right_registers,
      testing_support::right_log,
      testing_support::right_lists,
      +[] { return testing_support::right_queue(testing_support::QueueOrder::fifo); }};
  std::map<std::string, std::uint64_t> judged;
  for (const CheckerEntry* entry : domain_checks(registry)) {
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
      Rng rng(seed, Stream::of("damaged"));
      auto object = objects[seed % 12]();
      std::vector<Op> ops =
          testing_support::ops_of(testing_support::simulate(*object, {.operations = 40}, seed));
      for (std::uint64_t i = rng.below(3); i > 0; --i) {
        ops[rng.below(ops.size())].value = random_value(rng, 3);
      }
      Verdict verdict = judge({entry->name}, testing_support::history_of(ops));
      ASSERT_FALSE(verdict.summary.empty()) << entry->name;
      if (verdict.validity != Validity::unknown) ++judged[entry->name];
    }
    EXPECT_GT(judged[entry->name], 0u) << entry->name;
  }
}

TEST(HostileHistories, the_op_that_cannot_be_understood_is_named) {
  ScriptedHistory script;
  script.call(0, "add", 1, 1).invoke(1, "read", nullptr).ok(1, "read", "nonsense");
  Verdict verdict = judge({"set-full g-set"}, script.take());
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_TRUE(verdict.anomalies.empty());
  EXPECT_NE(verdict.summary.find("Op 3 (process 1 ok read"), std::string::npos) << verdict.summary;
}

TEST(HostileHistories, an_empty_history_is_unknown_to_every_domain_check) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  std::size_t checks = 0;
  for (const CheckerEntry* entry : domain_checks(registry)) {
    Verdict verdict = judge({entry->name}, History{});
    EXPECT_EQ(verdict.validity, Validity::unknown) << entry->name;
    ++checks;
  }
  EXPECT_GE(checks, 18u);
}

TEST(KeyedHistories, are_judged_key_by_key_and_a_bad_op_spoils_only_its_own) {
  auto keyed = [](int key, Value value) { return Value::pair(key, std::move(value)); };
  ScriptedHistory script;
  for (int key : {1, 2}) {
    script.call(0, "add", keyed(key, 5), keyed(key, 5));
    script.call(0, "read", keyed(key, {}), keyed(key, key == 1 ? List{5} : List{}));
  }
  script.call(0, "add", keyed(3, 5), keyed(3, 5)).call(0, "read", keyed(3, {}), keyed(3, "no"));
  Verdict verdict = judge({"set-full g-set"}, script.take(), true);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  EXPECT_EQ(verdict.anomalies[0].name, "lost");
  EXPECT_EQ(verdict.anomalies[0].explanation.find("On key 2: "), 0u);
  EXPECT_EQ(verdict.anomalies[0].detail.find("key")->integer(), 2);
  EXPECT_EQ(verdict.detail.find("unjudged")->integer(), 1);
}

// A load leaves its last keys hardly used, so that such a key is told and does no more harm.
TEST(KeyedHistories, a_key_without_evidence_is_told_beside_one_that_has_it) {
  ScriptedHistory script;
  script.call(0, "acquire", Value::pair(1, nullptr), Value::pair(1, nullptr));
  script.call(0, "release", Value::pair(1, nullptr), Value::pair(1, nullptr));
  script.invoke(1, "acquire", Value::pair(2, nullptr));
  script.fail(1, "acquire", Value::pair(2, nullptr), "held");
  Verdict verdict = judge({"mutex owner-lock"}, script.take(), true);
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_NE(verdict.summary.find("1 key shows nothing: On key 2: Nobody ever held the lock."),
            std::string::npos)
      << verdict.summary;
}

TEST(Findings, all_anomalies_are_counted_and_a_few_of_each_are_told) {
  ScriptedHistory script;
  for (int i = 0; i < 30; ++i) script.call(0, "add", i, i);
  script.call(1, "read", {}, List{});
  Verdict verdict = judge({"set g-set"}, script.take());
  EXPECT_EQ(verdict.detail.find("anomalies")->find("lost")->integer(), 30);
  EXPECT_EQ(verdict.anomalies.size(), 5u);
  for (const Anomaly& anomaly : verdict.anomalies) {
    EXPECT_TRUE(std::is_sorted(anomaly.ops.begin(), anomaly.ops.end()));
    EXPECT_EQ(anomaly.ops.size(), 4u);
  }
}

}  // namespace
}  // namespace sunder
