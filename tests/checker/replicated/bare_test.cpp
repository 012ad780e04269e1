// Replies that do not say what they saw: bounds, small searches, and honest doubt.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;

Verdict judged(const std::string& datatype, ScriptedHistory history,
               const std::map<std::string, std::string>& options = {}) {
  return verdict_of("eventual " + datatype, history.take(), options, {});
}
void expect_valid(const Verdict& verdict) {
  EXPECT_EQ(verdict.validity, Validity::valid) << verdict.summary;
}
void expect_invalid(const Verdict& verdict, const std::string& name) {
  ASSERT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
  EXPECT_EQ(verdict.anomalies.front().name, name) << verdict.summary;
  EXPECT_FALSE(verdict.anomalies.front().ops.empty());
}

ScriptedHistory increments_and(Value answer) {
  ScriptedHistory history;
  history.call(0, "increment", 2, {}).call(1, "increment", 5, {});
  return history.call(0, "read", {}, std::move(answer));
}

TEST(BareCounter, IsWithinItsBounds) {
  expect_valid(judged("crdt-g-counter", increments_and(2)));
  expect_valid(judged("crdt-g-counter", increments_and(7)));
  expect_invalid(judged("crdt-g-counter", increments_and(8)), "out-of-bounds");
  expect_invalid(judged("crdt-g-counter", increments_and(0)), "out-of-bounds");
  expect_invalid(judged("crdt-g-counter", increments_and(5)), "unexplainable-answer");
  expect_valid(judged("crdt-g-counter", increments_and(5), {{"sessions", "false"}}));
}

// Process 1 had seen element 1 when it inserted 2, so that the insert of 1 cannot have seen that.
TEST(BareList, ALostInsertSawWhatItsSessionHad) {
  auto element = [](int value) { return Value(Map{{"value", value}, {"position", 0}}); };
  auto played = [&](int reader) {
    ScriptedHistory history;
    history.invoke(2, "insert", element(1)).call(reader, "read", {}, Value::list_of(1));
    history.invoke(1, "insert", element(2)).info(1, "insert", element(2));
    return history.ok(2, "insert", Value(List{1, 2}));
  };
  expect_valid(judged("crdt-list", played(0)));
  expect_invalid(judged("crdt-list", played(1)), "cyclic-visibility");
}

TEST(BareCounter, OnlyGrowsInASession) {
  auto played = [](int second) {
    ScriptedHistory history;
    history.call(0, "increment", 2, {}).call(1, "read", {}, 2);
    return history.call(1, "read", {}, second);
  };
  expect_valid(judged("crdt-g-counter", played(2)));
  expect_invalid(judged("crdt-g-counter", played(0)), "out-of-bounds");
}

TEST(BareCounter, OfManyOperationsIsUndecidedWithinItsBounds) {
  LittleLoad load{.kind = LittleKind::pn_counter,
                  .operations = 400,
                  .witness = false,
                  .logs = false,
                  .info_per_mille = 0,
                  .fail_per_mille = 0};
  std::vector<Op> ops = little_history(1, load);
  Verdict verdict = verdict_of("eventual crdt-pn-counter", built(ops), {}, {});
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("do not say what they saw"), std::string::npos) << verdict.summary;
}

TEST(BareSet, OfManyOperationsThatGrowsIsDecided) {
  LittleLoad load{.kind = LittleKind::g_set, .operations = 2'000, .witness = false, .logs = false};
  load.domain = 300;
  std::vector<Op> ops = little_history(1, load);
  Verdict verdict = verdict_of("eventual crdt-g-set", built(ops), {}, {});
  expect_valid(verdict);
  for (std::size_t i = ops.size(); i-- > 0;) {
    if (ops[i].phase != Phase::ok || ops[i].verb != "final-read") continue;
    ops[i].value.list().pop_back();
    break;
  }
  expect_invalid(verdict_of("eventual crdt-g-set", built(ops), {}, {}), "lost-element");
}

TEST(BareSet, AddWins) {
  auto played = [](Value answer) {
    ScriptedHistory history;
    history.call(0, "add", 7, {}).invoke(1, "remove", 7).call(0, "add", 7, {}).ok(1, "remove", {});
    return history.call(0, "read", {}, std::move(answer));
  };
  expect_valid(judged("crdt-or-set", played(List{7})));
  expect_valid(judged("crdt-or-set", played(List{})));  // the remove may have seen both adds
  auto in_turn = [](Value answer) {
    ScriptedHistory history;
    history.call(1, "remove", 7, {}).call(0, "add", 7, {});
    return history.call(0, "read", {}, std::move(answer));
  };
  expect_valid(judged("crdt-or-set", in_turn(List{7})));
  expect_invalid(judged("crdt-or-set", in_turn(List{})), "unexplainable-answer");
}

TEST(BareRegister, HoldsWhatWasWritten) {
  auto played = [](Value first, Value second) {
    ScriptedHistory history;
    history.call(0, "write", 1, {}).call(1, "write", 2, {});
    history.call(0, "read", {}, std::move(first));
    return history.call(0, "read", {}, std::move(second));
  };
  expect_valid(judged("crdt-lww-register", played(1, 2)));
  expect_valid(judged("crdt-lww-register", played(2, 2)));
  expect_invalid(judged("crdt-lww-register", played(2, 1)), "unexplainable-answer");
  expect_invalid(judged("crdt-lww-register", played(3, 3)), "phantom-value");
  expect_invalid(judged("crdt-lww-register", played({}, 1)), "lost-update");
  expect_valid(judged("crdt-mv-register", played(List{1}, List{1, 2})));
  expect_invalid(judged("crdt-mv-register", played(List{}, List{1})), "lost-update");
  expect_invalid(judged("crdt-mv-register", played(List{1, 2}, List{1})), "unexplainable-answer");
}

TEST(Bare, CausalityIsSearchedToo) {
  auto played = [](Value answer) {
    ScriptedHistory history;
    history.call(0, "add", 1, {}).call(1, "read", {}, List{1}).call(1, "add", 2, {});
    return history.call(2, "read", {}, std::move(answer));
  };
  expect_valid(judged("crdt-g-set", played(List{2})));
  expect_invalid(judged("crdt-g-set", played(List{2}), {{"causal", "true"}}),
                 "unexplainable-answer");
  expect_valid(judged("crdt-g-set", played(List{1, 2}), {{"causal", "true"}}));
}

// A lost update may have happened.
TEST(Bare, LostUpdatesMayBeSeen) {
  auto played = [](int answer) {
    ScriptedHistory history;
    history.invoke(0, "increment", 3).info(0, "increment", 3);
    return history.call(1, "read", {}, answer);
  };
  expect_valid(judged("crdt-g-counter", played(0)));
  expect_valid(judged("crdt-g-counter", played(3)));
  expect_invalid(judged("crdt-g-counter", played(4)), "out-of-bounds");
}

TEST(Bare, ABudgetEndsTheSearch) {
  ScriptedHistory history;
  for (int i = 0; i < 30; ++i) history.call(i, "increment", 7 << i % 20, {});
  history.call(40, "read", {}, 5);
  CheckContext context{.time_budget = std::chrono::milliseconds(50)};
  Verdict verdict = verdict_of("eventual crdt-g-counter", history.take(), {}, context);
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("budget"), std::string::npos) << verdict.summary;
}

TEST(Bare, NothingReadIsNothingJudged) {
  ScriptedHistory history;
  history.call(0, "add", 1, {});
  EXPECT_EQ(judged("crdt-or-set", history).validity, Validity::unknown);
  EXPECT_EQ(judged("crdt-or-set", {}).validity, Validity::unknown);
}

// Toys without a witness, small enough to be searched.
TEST(Bare, ToysAreRefuted) {
  for (LittleFlaw flaw : {LittleFlaw::always_nil, LittleFlaw::converges_nil}) {
    for (LittleKind kind : little_kinds) {
      LittleLoad load{.kind = kind, .flaw = flaw, .operations = 8, .witness = false};
      load.info_per_mille = load.fail_per_mille = 0;
      load.logs = false;
      int refuted = 0;
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        std::string model = kind == LittleKind::list ? "weak-list " : "eventual ";
        Verdict verdict =
            verdict_of(model + datatype_of(kind), built(little_history(seed, load)), {}, {});
        refuted += verdict.validity == Validity::invalid ? 1 : 0;
      }
      EXPECT_GE(refuted, 5) << datatype_of(kind) << ' ' << static_cast<int>(flaw);
    }
  }
}

}  // namespace
}  // namespace sunder
