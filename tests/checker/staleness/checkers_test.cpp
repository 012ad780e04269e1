// The checkers `staleness` and `convergence` of the catalogue, on whole histories.

#include <gtest/gtest.h>

#include "harness/api/nemesis.h"
#include "harness/core/rng.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::ScriptedHistory;
using testing_support::verdict_of;

Verdict staleness(const History& history) { return verdict_of("staleness", history, {}, {}); }
Verdict convergence(const History& history, const std::string& within = "0s", bool keyed = false) {
  return verdict_of("convergence", history, {{"converge-within", within}}, {.keyed = keyed});
}

const Value& at(const Value& value, std::initializer_list<std::string_view> path) {
  static const Value missing = "missing";
  const Value* here = &value;
  for (std::string_view key : path) {
    here = here->find(key);
    if (here == nullptr) return missing;
  }
  return *here;
}

void fault(ScriptedHistory& script, bool on) {
  script.add(-1, Phase::invoke, on ? "partition" : "heal", {});
  script.add(-1, Phase::ok, on ? "partition" : "heal",
             to_value(FaultReport{"partition", {"n1"}, on, true, {}}));
}
void control(ScriptedHistory& script, const char* verb, Phase phase = Phase::ok) {
  script.add(-2, Phase::invoke, verb, {}).add(-2, phase, verb, {});
}

TEST(StalenessChecker, measures_nothing_where_nothing_was_read_or_understood) {
  ScriptedHistory writes;
  writes.write(0, 1);
  EXPECT_EQ(staleness(writes.take()).validity, Validity::unknown);
  ScriptedHistory other;
  other.write(0, 1).read(0, 1).cas(0, 1, 2);
  Verdict verdict = staleness(other.take());
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("neither a read nor a write"), std::string::npos);
}

TEST(StalenessChecker, tells_reads_apart_by_the_faults_they_met) {
  ScriptedHistory script;
  script.write(0, 1).write(0, 2).read(1, 2);  // 0 to 5
  fault(script, true);                        // 6, 7
  script.read(1, 1);                          // 8, 9: since 2 had settled at 3
  fault(script, false);                       // 10, 11
  control(script, "verify-healed");           // 12, 13
  script.read(1, 2);                          // 14, 15
  Verdict verdict = staleness(script.take());
  EXPECT_EQ(verdict.validity, Validity::valid);
  const Value& detail = verdict.detail;
  EXPECT_EQ(at(detail, {"all", "reads"}), Value(3));
  EXPECT_EQ(at(detail, {"all", "stale_per_million"}), Value(333'333));
  EXPECT_EQ(at(detail, {"faults", "partition", "reads"}), Value(1));
  EXPECT_EQ(at(detail, {"faults", "partition", "time", "max"}), Value(5'000'000));
  EXPECT_EQ(at(detail, {"no_fault", "stale"}), Value(0));
  EXPECT_EQ(at(detail, {"no_fault", "reads"}), Value(2));
  EXPECT_EQ(at(detail, {"after_quiet", "reads"}), Value(1));
  EXPECT_EQ(at(detail, {"atomicity", "k"}), Value("2"));
  EXPECT_EQ(at(detail, {"missed_by_age"}).list().size(), 3U);
  EXPECT_EQ(at(detail, {"processes"}).list().size(), 1U);
  EXPECT_EQ(verdict.summary,
            "1 of 3 reads were surely stale, at worst by at least 1 version and 5ms; every key "
            "is 2-atomic, not every one 1-atomic.");
}

TEST(StalenessChecker, no_order_explains_a_read_of_what_nobody_wrote) {
  ScriptedHistory script;
  script.write(0, 1).read(1, 1).read(1, 7);
  Verdict verdict = staleness(script.take());
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(at(verdict.detail, {"atomicity", "k"}), Value("none"));
  EXPECT_EQ(at(verdict.detail, {"unwritten_reads"}), Value(1));
}

TEST(StalenessChecker, the_lag_over_time_covers_every_read_once) {
  ScriptedHistory script;
  for (int i = 1; i <= 500; ++i) script.write(0, i).read(1, i > 250 && i % 2 == 0 ? i - 1 : i);
  Verdict verdict = staleness(script.take());
  std::int64_t reads = 0;
  std::int64_t early = 0;
  for (const Value& stretch : at(verdict.detail, {"lag"}).list()) {
    reads += at(stretch, {"reads"}).integer();
    if (at(stretch, {"end"}).integer() < 990'000'000) early += at(stretch, {"stale"}).integer();
  }
  EXPECT_EQ(reads, 500);
  EXPECT_EQ(early, 0);
  EXPECT_EQ(at(verdict.detail, {"all", "stale"}), Value(125));
}

TEST(ConvergenceChecker, names_the_processes_that_still_differ_and_on_what) {
  for (bool agree : {true, false}) {
    ScriptedHistory script;
    fault(script, true);  // 0, 1
    script.invoke(0, "write", 1).invoke(1, "write", 2).ok(1, "write", 2).ok(0, "write", 1);
    fault(script, false);
    control(script, "verify-healed");
    script.read(0, 1).read(1, agree ? 1 : 2);
    Verdict verdict = convergence(script.take());
    EXPECT_EQ(verdict.validity, agree ? Validity::valid : Validity::invalid);
    if (agree) continue;
    EXPECT_EQ(verdict.anomalies[0].name, "diverged");
    EXPECT_EQ(verdict.anomalies[0].explanation,
              "Final reads still differ: process 1 read 2 (op 12), process 0 read 1 (op 10).");
    EXPECT_EQ(verdict.anomalies[0].ops,
              (std::vector<std::uint64_t>{2, 3, 4, 5, 10, 11, 12, 13}));
    EXPECT_EQ(at(verdict.detail, {"ends", "differs"}), Value(1));
  }
}

TEST(ConvergenceChecker, judges_each_key_and_names_it) {
  ScriptedHistory script;
  auto write = [&](int process, int key, int value) {
    script.call(process, "write", Value::pair(key, value), Value::pair(key, value));
  };
  auto read = [&](int process, int key, Value value) {
    script.call(process, "read", Value::pair(key, {}), Value::pair(key, std::move(value)));
  };
  write(0, 7, 1);
  write(0, 8, 1);
  write(0, 8, 2);
  for (int process : {1, 2}) {
    read(process, 7, {});
    read(process, 8, 1);
  }
  Verdict verdict = convergence(script.take(), "0s", true);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 2U);
  EXPECT_EQ(verdict.anomalies[0].name, "converged-on-nil");
  EXPECT_EQ(verdict.anomalies[0].explanation,
            "On key 7, final reads agree on the initial value, though write 1 (op 0) had "
            "happened: process 2 read nil (op 10), process 1 read nil (op 6).");
  EXPECT_EQ(verdict.anomalies[1].name, "converged-on-overwritten");
  EXPECT_EQ(verdict.anomalies[1].explanation,
            "On key 8, final reads agree on write 1 (op 2), though write 2 (op 4) is causally "
            "after it: process 2 read 1 (op 12), process 1 read 1 (op 8).");
}

TEST(ConvergenceChecker, knows_nothing_before_faults_were_healed) {
  ScriptedHistory script;
  control(script, "await-ready");
  script.invoke(0, "write", 1).invoke(1, "write", 2).ok(1, "write", 2).ok(0, "write", 1);
  fault(script, true);
  script.read(0, 1).read(1, 2);
  Verdict verdict = convergence(script.take());
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("verify-healed"), std::string::npos) << verdict.summary;
}

TEST(ConvergenceChecker, a_verification_that_failed_heals_nothing) {
  for (Phase phase : {Phase::ok, Phase::info}) {
    ScriptedHistory script;
    script.write(0, 1);
    fault(script, true);
    fault(script, false);
    control(script, "verify-healed", phase);
    control(script, "await-ready");
    script.read(0, 1).read(1, 1);
    EXPECT_EQ(convergence(script.take()).validity,
              phase == Phase::ok ? Validity::valid : Validity::unknown);
  }
}

TEST(ConvergenceChecker, without_control_ops_the_last_fault_must_have_been_lifted) {
  for (bool lifted : {true, false}) {
    ScriptedHistory script;
    script.write(0, 1);
    fault(script, true);
    if (lifted) fault(script, false);
    script.read(0, 1).read(1, 1);
    Verdict verdict = convergence(script.take());
    EXPECT_EQ(verdict.validity, lifted ? Validity::valid : Validity::unknown);
    EXPECT_EQ(verdict.summary == "A fault of kind partition was never lifted.", !lifted);
  }
}

TEST(ConvergenceChecker, a_bound_gives_time_to_converge) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).invoke(1, "write", 2).ok(1, "write", 2).ok(0, "write", 1);
  control(script, "verify-healed");  // ends at 5 ms
  script.read(0, 1).read(1, 2);      // invoked at 6 and 8 ms
  script.read(0, 2).read(1, 2);      // at 10 and 12 ms
  History history = script.take();
  Verdict verdict = convergence(history);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_NE(verdict.anomalies[0].explanation.find("They agreed only 2ms after"),
            std::string::npos)
      << verdict.anomalies[0].explanation;
  verdict = convergence(history, "3ms");
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(at(verdict.detail, {"agreed_after", "max"}), Value(2'000'000));
  EXPECT_EQ(at(verdict.detail, {"quiet"}), Value(5));
}

TEST(ConvergenceChecker, a_write_of_unknown_outcome_may_take_effect_late) {
  ScriptedHistory script;
  script.write(0, 1).invoke(1, "write", 2).info(1, "write", 2);
  script.read(0, 1).read(3, 2);
  EXPECT_EQ(convergence(script.take()).validity, Validity::unknown);
  ScriptedHistory seen;
  seen.write(0, 1).invoke(1, "write", 2).read(3, 2).info(1, "write", 2);
  seen.read(0, 1).read(3, 2);
  EXPECT_EQ(convergence(seen.take()).validity, Validity::invalid);
}

TEST(ConvergenceChecker, a_write_without_an_end_leaves_no_finale) {
  ScriptedHistory script;
  script.write(0, 1).invoke(1, "write", 2);
  script.read(0, 1).read(3, 1);
  Verdict verdict = convergence(script.take());
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("was open until the end"), std::string::npos) << verdict.summary;
}

TEST(ConvergenceChecker, values_from_nowhere_are_nothing_to_agree_on) {
  ScriptedHistory script;
  script.write(0, 1).read(0, 7).read(1, 7);
  Verdict verdict = convergence(script.take());
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(verdict.anomalies[0].name, "unwritten-read");
}

/// Any ops at all, or such as a run could record but for their times.
History hostile_history(Rng& rng, bool plausible) {
  const char* verbs[] = {"read", "write", "verify-healed", "await-ready", "cas", "partition"};
  HistoryBuilder builder;
  for (int n = 0; n < 20; ++n) {
    Value values[] = {Value{}, static_cast<std::int64_t>(rng.below(4)), "x", List{},
                      Value::pair(1, 2), to_value(FaultReport{"f", {}, n % 2 == 0, true, {}})};
    Op op{.time = instant_at(static_cast<std::int64_t>(rng.next())),
          .process = Process{static_cast<std::int32_t>(rng.below(5)) - 2},
          .phase = static_cast<Phase>(rng.below(4)),
          .verb = verbs[rng.below(6)],
          .value = values[rng.below(6)]};
    if (plausible) {
      op.process.id = n / 2 % 3;
      op.phase = n % 2 == 0 ? Phase::invoke : static_cast<Phase>(1 + rng.below(3));
      op.verb = n % 8 < 4 ? "write" : "read";
      op.value = n % 8 < 4 ? Value(n / 2 + 1) : Value(static_cast<std::int64_t>(rng.below(10)));
    }
    builder.add(op);
  }
  return builder.take();
}

TEST(StalenessChecker, no_history_makes_either_checker_fall) {
  Rng rng(1, Stream::of("hostile"));
  int judged = 0;
  for (int i = 0; i < 3000; ++i) {
    History history = hostile_history(rng, i % 2 == 0);
    CheckContext context{.keyed = i % 3 == 0};
    Verdict figures = verdict_of("staleness", history, {}, context);
    EXPECT_NE(figures.validity, Validity::invalid);
    if (figures.validity == Validity::valid) ++judged;
    Verdict end = verdict_of("convergence", history, {{"converge-within", "1ms"}}, context);
    EXPECT_EQ(end.validity == Validity::invalid, !end.anomalies.empty());
  }
  EXPECT_GT(judged, 500);
}

}  // namespace
}  // namespace sunder
