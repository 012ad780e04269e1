// The linearizability checker against hand-made histories and against a brute-force twin.

#include <gtest/gtest.h>

#include <map>

#include "catalogue/checker.h"
#include "checker/linearizable/decode.h"
#include "checker/linearizable/search.h"
#include "checker/linearizable/window.h"
#include "harness/core/rng.h"
#include "tests/checker/support/brute_force.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::brute_force;
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
  unknown(cas, "has no [expected new] values");
  ScriptedHistory other;
  other.invoke(0, "write", 1).ok(0, "write", 2);
  unknown(other, "answers with other arguments");
  ScriptedHistory list;
  list.invoke(0, "read", nullptr).ok(0, "read", Value(List{1, 2}));
  unknown(list, "reads something that is no single value");
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
  EXPECT_NE(first.explanation.find("Process 1 read 500 from the register"), std::string::npos);
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
            "Process 3 read 2 from key 7, called at 0.008 s and answered at 0.009 s, which "
            "contradicts the operations before it. Process 5's write 4 had been answered at "
            "0.005 s, before this call began. The last operation that left 2, process 0's write 2, "
            "was over at 0.001 s, and the value had been replaced since. So in no order of the "
            "operations did the register hold 2 while this call took place.");
  EXPECT_EQ(to_json(*stale.detail.find("last_states")), "[4]");
  EXPECT_EQ(to_json(*stale.detail.find("candidates")),
            R"([{"call":"read 2","op":8,"reason":"needs 2, but the register holds 4"}])");
  EXPECT_NE(verdict.summary.find("Process 3 read 2 from key 7"), std::string::npos);
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
  EXPECT_LT(verdict.detail.find("configurations")->integer(), 100'000);
}

TEST(Linearizable, out_of_budget_is_unknown_and_says_how_far) {
  // Unwritten value at the end, and thirty different crashed calls that all could be needed.
  ScriptedHistory script;
  for (int i = 0; i < 30; ++i) {
    script.invoke(i, "cas", Value::pair(i, i + 1)).info(i, "cas", Value::pair(i, i + 1));
    script.invoke(100 + i, "write", i).info(100 + i, "write", i);
  }
  for (int i = 0; i < 30; ++i) script.read(500, (i * 7) % 30);
  script.read(500, 1000);
  CheckContext context;
  context.time_budget = std::chrono::milliseconds(50);
  context.memory_budget = 1 << 20;
  Verdict verdict = register_verdict(script.take(), {}, false, context);
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("returns could be passed"), std::string::npos) << verdict.summary;
}

// Random operations on few values with few processes, so that about half are linearizable.
std::vector<RegisterOperation> random_operations(Rng& rng, bool observed) {
  std::vector<RegisterOperation> operations;
  std::map<std::int32_t, std::size_t> open;
  std::size_t total = 1 + rng.below(7);
  std::int32_t processes = 1 + static_cast<std::int32_t>(rng.below(4));
  auto values = static_cast<std::int32_t>(2 + rng.below(2));
  auto value = [&] {
    return static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(values)));
  };
  std::uint64_t position = 0;
  while (operations.size() < total || !open.empty()) {
    auto process = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(processes)));
    auto found = open.find(process);
    if (found == open.end()) {
      if (operations.size() == total) continue;
      RegisterOperation operation;
      operation.call.kind = static_cast<RegisterCall::Kind>(rng.below(observed ? 4 : 3));
      operation.call.value = value();
      if (operation.call.kind == RegisterCall::Kind::cas ||
          operation.call.kind == RegisterCall::Kind::failed_cas) {
        operation.call.expected = value();
      }
      operation.invoked = position++;
      open[process] = operations.size();
      operations.push_back(operation);
    } else {
      if (!rng.chance({1, 4})) operations[found->second].returned = position++;
      open.erase(found);
    }
  }
  return operations;
}

TEST(Linearizable, agrees_with_brute_force_on_random_histories) {
  RegisterModel model(0);
  std::int32_t initial = 0;
  std::size_t bad = 0;
  constexpr std::size_t total = 300'000;
  for (std::size_t seed = 0; seed < total; ++seed) {
    Rng rng(seed, Stream::of("linearizable-test"));
    std::vector<RegisterOperation> operations = random_operations(rng, seed % 3 == 0);
    bool expected = brute_force(model, operations);
    std::vector<RegisterOperation> kept = operations;
    if (seed % 2 == 0) drop_idle_crashes(kept);
    Search<RegisterModel> search(model, kept, std::span(&initial, 1), Limits{});
    SearchResult<std::int32_t> result = search.run();
    ASSERT_EQ(result.outcome == Outcome::linearizable, expected) << "seed " << seed;
    if (!expected) {
      ++bad;
      ASSERT_FALSE(result.last.empty()) << "seed " << seed;
      ASSERT_FALSE(kept[result.stuck].crashed()) << "seed " << seed;
      // What is cited must contradict itself from every value that the register may have held.
      Window window = shrink(model, kept, result, Limits{});
      for (std::int32_t state : window.initial) {
        ASSERT_FALSE(brute_force(RegisterModel(state), window.operations)) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(bad, total / 5);
  EXPECT_LT(bad, total * 4 / 5);
}

}  // namespace
}  // namespace sunder
