// The linearizability checker against hand-made histories.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::register_verdict;
using testing_support::ScriptedHistory;

TEST(Linearizable, sequential_history_is_valid) {
  ScriptedHistory script;
  script.write(0, 1).read(1, 1).cas(0, 1, 2).read(1, 2);
  EXPECT_EQ(register_verdict(script.take()).validity, Validity::valid);
}

TEST(Linearizable, stale_read_is_invalid) {
  ScriptedHistory script;
  script.write(0, 1).write(0, 2).read(1, 1);
  Verdict verdict = register_verdict(script.take());
  EXPECT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
}

TEST(Linearizable, overlapping_read_may_see_either_value) {
  for (int seen : {1, 2}) {
    ScriptedHistory script;
    script.write(0, 1);
    script.invoke(0, "write", 2).invoke(1, "read", nullptr).ok(1, "read", seen).ok(0, "write", 2);
    EXPECT_EQ(register_verdict(script.take()).validity, Validity::valid) << seen;
  }
}

TEST(Linearizable, crashed_write_may_happen_late_or_never) {
  for (int seen : {1, 2}) {
    ScriptedHistory script;
    script.invoke(0, "write", 2).info(0, "write", 2).write(1, 1).read(2, 1).read(2, seen);
    EXPECT_EQ(register_verdict(script.take()).validity, Validity::valid) << seen;
  }
}

TEST(Linearizable, crashed_write_happens_at_most_once) {
  ScriptedHistory script;
  script.invoke(0, "write", 2).info(0, "write", 2);
  script.write(1, 1).read(2, 2).write(1, 1).read(2, 2);
  EXPECT_EQ(register_verdict(script.take()).validity, Validity::invalid);
}

TEST(Linearizable, failed_write_must_not_be_seen) {
  ScriptedHistory script;
  script.write(0, 1).invoke(0, "write", 2).fail(0, "write", 2, "refused").read(1, 2);
  EXPECT_EQ(register_verdict(script.take()).validity, Validity::invalid);
}

TEST(Linearizable, unread_register_is_nil) {
  ScriptedHistory good;
  good.invoke(0, "read", nullptr).ok(0, "read", nullptr);
  EXPECT_EQ(register_verdict(good.take()).validity, Validity::valid);
  ScriptedHistory bad;
  bad.write(0, 1).invoke(0, "read", nullptr).ok(0, "read", nullptr);
  EXPECT_EQ(register_verdict(bad.take()).validity, Validity::invalid);
}

TEST(Linearizable, failed_cas_is_a_fact_only_when_observed) {
  auto script = [] {
    ScriptedHistory built;
    built.write(0, 1).invoke(0, "cas", Value::pair(1, 2));
    built.fail(0, "cas", Value::pair(1, 2), "compare failed: 1").read(1, 1);
    return built.take();
  };
  EXPECT_EQ(register_verdict(script()).validity, Validity::valid);
  EXPECT_EQ(register_verdict(script(), {{"failed-cas", "observed"}}).validity, Validity::invalid);
}

TEST(Linearizable, refused_cas_is_no_observation) {
  ScriptedHistory script;
  script.write(0, 1).invoke(0, "cas", Value::pair(1, 2));
  script.fail(0, "cas", Value::pair(1, 2), "refused: no leader").read(1, 1);
  EXPECT_EQ(register_verdict(script.take(), {{"failed-cas", "observed"}}).validity,
            Validity::valid);
}

TEST(Linearizable, initial_value_is_an_option) {
  ScriptedHistory script;
  script.read(0, 0).cas(0, 0, 3).read(1, 3);
  History history = script.take();
  EXPECT_EQ(register_verdict(history).validity, Validity::invalid);
  EXPECT_EQ(register_verdict(history, {{"initial", "0"}}).validity, Validity::valid);
}

TEST(Linearizable, more_pending_calls_than_a_word_has_bits) {
  ScriptedHistory script;
  for (int i = 0; i < 150; ++i) script.invoke(i, "write", i);
  for (int i = 0; i < 150; ++i) script.ok(i, "write", i);
  script.read(200, 149).read(200, 149);
  EXPECT_EQ(register_verdict(script.take()).validity, Validity::valid);
}

TEST(Linearizable, what_cannot_be_judged_is_unknown_and_names_the_op) {
  {
    Verdict verdict = register_verdict(History{});
    EXPECT_EQ(verdict.validity, Validity::unknown);
    EXPECT_NE(verdict.summary.find("no client operation"), std::string::npos);
  }
  auto unknown = [](ScriptedHistory& script, const std::string& says, bool keyed = false) {
    Verdict verdict = register_verdict(script.take(), {}, keyed);
    EXPECT_EQ(verdict.validity, Validity::unknown);
    EXPECT_TRUE(verdict.anomalies.empty());
    EXPECT_NE(verdict.summary.find(says), std::string::npos) << verdict.summary;
  };
  ScriptedHistory verb;
  verb.write(0, 1).invoke(0, "enqueue", 4).ok(0, "enqueue", 4);
  unknown(verb, "Op 2 (process 0 invoke enqueue 4)");
  ScriptedHistory unpaired;
  unpaired.ok(0, "read", 4);
  unpaired.write(0, 1);
  unknown(unpaired, "Op 0 (process 0 ok read 4)");
  ScriptedHistory not_keyed;
  not_keyed.write(0, 1);
  unknown(not_keyed, "has no [key value]", true);
  ScriptedHistory cas;
  cas.invoke(0, "cas", 1).ok(0, "cas", 1);
  unknown(cas, "cas of [expected new]");
  ScriptedHistory other;
  other.invoke(0, "write", 1).ok(0, "write", 2);
  unknown(other, "does not fit its invocation");
  ScriptedHistory list;
  list.invoke(0, "read", nullptr).ok(0, "read", Value(List{1, 2}));
  unknown(list, "does not fit its invocation");
}

TEST(Linearizable, the_contradiction_is_shrunk_to_what_a_person_must_see) {
  ScriptedHistory script;
  for (int i = 0; i < 100; ++i) script.write(i % 3, i).read(3 + i % 3, i);
  script.write(0, 1000).read(1, 500).write(2, 500);
  script.write(0, 1).read(1, 2);  // ops 406 to 409
  for (int i = 0; i < 100; ++i) script.write(i % 3, i).read(3 + i % 3, i);
  History history = script.take();
  Verdict verdict = register_verdict(history);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  const Anomaly& first = verdict.anomalies[0];
  EXPECT_EQ(first.name, "nonlinearizable");
  EXPECT_EQ(first.ops, (std::vector<std::uint64_t>{402, 403}));
  EXPECT_NE(first.explanation.find("Process 1's read 500"), std::string::npos);
  EXPECT_NE(first.explanation.find("began only at 0.404 s"), std::string::npos)
      << first.explanation;
  ASSERT_TRUE(first.detail.is_map());
  EXPECT_EQ(to_json(*first.detail.find("window")), R"({"begin":402000000,"end":403000000})");
  EXPECT_EQ(to_json(*first.detail.find("stuck_op")), "402");
}

TEST(Linearizable, a_stale_read_is_told_with_the_write_that_it_missed) {
  ScriptedHistory script;
  script.call(0, "write", Value::pair(7, 2), Value::pair(7, 2));
  script.call(1, "read", Value::pair(7, nullptr), Value::pair(7, 2));
  script.call(5, "write", Value::pair(7, 4), Value::pair(7, 4));
  script.invoke(6, "write", Value::pair(7, 9)).info(6, "write", Value::pair(7, 9));
  script.call(3, "read", Value::pair(7, nullptr), Value::pair(7, 2));
  Verdict verdict = register_verdict(script.take(), {}, true);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  const Anomaly& stale = verdict.anomalies[0];
  EXPECT_EQ(stale.ops, (std::vector<std::uint64_t>{4, 5, 8, 9}));
  EXPECT_EQ(stale.explanation,
            "Process 3's read 2 on key 7, called at 0.008 s and answered at 0.009 s, contradicts "
            "the operations before it. Process 5's write 4 had been answered at 0.005 s, before "
            "this call began. The last operation that left 2, process 0's write 2, was over at "
            "0.001 s, and the value had been replaced since. Whatever the order of the operations, "
            "the state was 4, and nothing that was under way could make this answer right.");
  EXPECT_EQ(to_json(*stale.detail.find("last_states")), "[4]");
  EXPECT_EQ(to_json(*stale.detail.find("candidates")),
            R"([{"call":"read 2","op":8,"reason":"needs 2, but the state is 4"}])");
  EXPECT_NE(verdict.summary.find("Process 3's read 2 on key 7"), std::string::npos);
}

TEST(Linearizable, keys_are_judged_apart_and_each_bad_one_is_named) {
  ScriptedHistory script;
  for (int key = 0; key < 15; ++key) {
    script.call(0, "write", Value::pair(key, 1), Value::pair(key, 1));
    script.call(0, "write", Value::pair(key, 2), Value::pair(key, 2));
    script.call(1, "read", Value::pair(key, nullptr), Value::pair(key, key % 5 == 0 ? 1 : 2));
  }
  Verdict verdict = register_verdict(script.take(), {}, true);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(verdict.anomalies.size(), 3u);
  ASSERT_NE(verdict.detail.find("invalid_keys"), nullptr);
  EXPECT_EQ(to_json(*verdict.detail.find("invalid_keys")), "[0,5,10]");
}

// Many crashed calls of few kinds on one register: exponential for a search that tells them apart.
TEST(Linearizable, equal_crashed_calls_do_not_explode) {
  ScriptedHistory script;
  std::int32_t process = 0;
  for (int i = 0; i < 40; ++i) {
    script.invoke(process, "write", i % 4).info(process, "write", i % 4);
    ++process;
    script.write(1000, 7).read(1001, 7);
  }
  script.read(1001, 9);  // never written
  Verdict verdict = register_verdict(script.take());
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_LT(verdict.detail.find("steps")->integer(), 100'000);
}

TEST(Linearizable, out_of_budget_is_unknown_and_says_how_far) {
  ScriptedHistory script;
  // Every value can be made once more than it is read, in very many ways, but not that often.
  for (int i = 0; i < 12; ++i) {
    for (int times = 0; times < 6; ++times) {
      int process = 1000 + i * 10 + times;
      script.invoke(process, "write", i).info(process, "write", i);
      script.invoke(process + 500, "cas", Value::pair(i, (i + 5) % 12));
      script.info(process + 500, "cas", Value::pair(i, (i + 5) % 12));
    }
  }
  for (int i = 0; i < 160; ++i) script.read(500, (i * 7) % 12);
  CheckContext context;
  context.time_budget = std::chrono::milliseconds(50);
  context.memory_budget = 1 << 20;
  Verdict verdict = register_verdict(script.take(), {}, false, context);
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("an order was found that passes the first"), std::string::npos)
      << verdict.summary;
}

}  // namespace
}  // namespace sunder
