#include <gtest/gtest.h>

#include "harness/api/nemesis.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::ScriptedHistory;
using testing_support::verdict_of;

std::int64_t number(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* at = &value;
  for (std::string_view key : path) {
    at = at->find(key);
    if (at == nullptr) return -1;
  }
  return at->is_integer() ? at->integer() : -1;
}

Verdict stats(const History& history) { return verdict_of("stats", history, {}, {}); }

TEST(Stats, nothing_invoked_is_unknown) { EXPECT_EQ(stats(History{}).validity, Validity::unknown); }

TEST(Stats, counts_by_verb_and_phase) {
  ScriptedHistory script;
  script.write(0, 1).read(1, 1).invoke(0, "read", nullptr);
  script.fail(0, "read", nullptr, "refused").invoke(1, "write", 2).info(1, "write", 2);
  script.invoke(2, "write", 3);
  Verdict verdict = stats(script.take());
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(number(verdict.detail, {"all", "invoked"}), 5);
  EXPECT_EQ(number(verdict.detail, {"all", "ok"}), 2);
  EXPECT_EQ(number(verdict.detail, {"all", "ok_per_mille"}), 400);
  EXPECT_EQ(number(verdict.detail, {"verbs", "read", "fail"}), 1);
  EXPECT_EQ(number(verdict.detail, {"verbs", "write", "info"}), 2);
}

TEST(Stats, quantiles_are_nearest_ranks) {
  HistoryBuilder builder;
  for (int i = 1; i <= 100; ++i) {
    Op op{.time = instant_at(i * 1000), .process = Process{0}, .verb = "read"};
    builder.add(op);
    op.time = instant_at(i * 1000 + i);
    op.phase = Phase::ok;
    builder.add(op);
  }
  Verdict verdict = stats(builder.take());
  EXPECT_EQ(number(verdict.detail, {"verbs", "read", "latency", "p50"}), 50);
  EXPECT_EQ(number(verdict.detail, {"verbs", "read", "latency", "p99"}), 99);
  EXPECT_EQ(number(verdict.detail, {"verbs", "read", "latency", "max"}), 100);
}

TEST(Stats, operations_are_told_apart_by_the_faults_they_met) {
  ScriptedHistory script;
  auto fault = [&](bool on) {
    Value report = to_value(FaultReport{"kill", {"n1"}, on, true, {}});
    script.add(-1, Phase::invoke, on ? "kill" : "start", {});
    script.add(-1, Phase::ok, on ? "kill" : "start", report);
  };
  script.read(0, 1);                                           // 0, 1 ms
  fault(true);                                                 // 2, 3
  script.invoke(0, "read", nullptr).info(0, "read", nullptr);  // 4, 5
  fault(false);                                                // 6, 7
  script.read(1, 1);                                           // 8, 9
  Verdict verdict = stats(script.take());
  EXPECT_EQ(number(verdict.detail, {"faults", "kill", "invoked"}), 1);
  EXPECT_EQ(number(verdict.detail, {"faults", "kill", "ok_per_mille"}), 0);
  EXPECT_EQ(number(verdict.detail, {"no_fault", "ok_per_mille"}), 1000);
  EXPECT_EQ(number(verdict.detail, {"longest_gap", "begin"}), 1'000'000);
  EXPECT_EQ(number(verdict.detail, {"longest_gap", "end"}), 9'000'000);
}

}  // namespace
}  // namespace sunder
