#include "harness/run/run_loop.h"

#include <gtest/gtest.h>

#include "harness/core/json.h"
#include "harness/run/judge.h"
#include "harness/run/relate.h"
#include "tests/run/support/instant_world.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

/// Emits `count` ops of one verb, one every `spacing`, on whatever client is free.
class Steady final : public Rule {
 public:
  Steady(std::string verb, int count, Duration spacing, Instant next)
      : verb_(std::move(verb)), count_(count), spacing_(spacing), next_(next) {}
  Emission next(const Context& context) const override {
    if (count_ == 0) return Exhausted{};
    if (context.free.empty()) return Pending{};
    Op op{.time = std::max(next_, context.time),
          .process = context.process_of(context.free.nth(0)),
          .verb = verb_};
    Instant after = next_ + spacing_;
    return Ready{op, Generator(std::make_shared<Steady>(verb_, count_ - 1, spacing_, after))};
  }

 private:
  std::string verb_;
  int count_;
  Duration spacing_;
  Instant next_;
};

Generator steady(const std::string& verb, int count, Duration spacing) {
  return Generator(std::make_shared<Steady>(verb, count, spacing, at_start));
}

sunder::Test small_test(Generator generator) {
  sunder::Test test;
  test.concurrency = 2;
  test.generator = std::move(generator);
  return test;
}

TEST(RunLoop, EveryInvocationIsRecordedBeforeItIsDispatchedAndCompletesOnce) {
  InstantWorld world;
  sunder::Test test = small_test(steady("read", 10, 1ms));
  std::vector<Op> recorded;
  RunHooks hooks{.record = [&](const Op& op) { recorded.push_back(op); }};
  History history = run(test, world, hooks);
  ASSERT_EQ(history.size(), 20u);
  ASSERT_EQ(recorded.size(), 20u);
  for (std::size_t i = 0; i < history.size(); ++i) {
    EXPECT_EQ(recorded[i].index, i);
    EXPECT_NE(history[i].pair, no_op);
  }
}

TEST(RunLoop, OpsWaitForTheirTime) {
  InstantWorld world;
  sunder::Test test = small_test(steady("read", 5, 10ms));
  History history = run(test, world, {});
  for (std::size_t i = 0; i < history.size(); i += 2) {
    EXPECT_GE(history[i].time, at_start + 10ms * (i / 2));
  }
}

TEST(RunLoop, InfoRetiresTheProcess) {
  InstantWorld world;
  sunder::Test test = small_test(steady("vanish", 4, 1ms));
  History history = run(test, world, {});
  std::vector<std::int32_t> processes;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history[i].phase == Phase::invoke) processes.push_back(history[i].process.id);
  }
  EXPECT_EQ(processes, (std::vector<std::int32_t>{0, 2, 4, 6}));
}

TEST(RunLoop, AnInterruptEndsTheRun) {
  InstantWorld world;
  sunder::Test test = small_test(steady("read", 1'000'000, 1ms));
  std::atomic<bool> interrupted{false};
  int seen = 0;
  RunHooks hooks{.record = [&](const Op&) { interrupted = ++seen >= 10; },
                 .interrupted = &interrupted};
  History history = run(test, world, hooks);
  EXPECT_LE(history.size(), 12u);
}

/// A history of a run with one fault, for the rules of evidence.
struct Story {
  HistoryBuilder builder;
  std::int64_t time = 0;

  void add(Process process, Phase phase, std::string verb, Value value, std::string error = {}) {
    time += 1'000'000'000;
    builder.add({.time = instant_at(time),
                 .process = process,
                 .phase = phase,
                 .verb = std::move(verb),
                 .value = std::move(value),
                 .error = std::move(error)});
  }
  void both(Process process, const std::string& verb, Value value, Phase phase = Phase::ok) {
    add(process, Phase::invoke, verb, value);
    add(process, phase, verb, value, phase == Phase::ok ? "" : "it did not");
  }
  void fault(bool on, bool confirmed) {
    FaultReport report{"kill", {"n1"}, on, confirmed, {}};
    add(Process::nemesis(0), Phase::invoke, on ? "kill" : "start", {});
    add(Process::nemesis(0), confirmed ? Phase::ok : Phase::info, on ? "kill" : "start",
        to_value(report));
  }
};

Verdict judged(bool confirmed, bool reads, std::vector<HarnessLag> lags = {},
               Phase healed = Phase::ok) {
  sunder::Test test;
  test.nemeses.push_back(Nemesis{.name = "kill"});
  Process control = test.control();
  Story story;
  story.both(control, std::string(verb_await_ready), {});
  story.fault(true, confirmed);
  if (reads) story.both(Process{0}, "read", 1);
  story.fault(false, true);
  story.both(control, std::string(verb_verify_healed), {}, healed);
  story.both(control, std::string(verb_await_ready), {});
  History history = story.builder.take();
  WorldRecord record{.lags = std::move(lags)};
  return judge_evidence(RunEvidence{test, record, history});
}

TEST(Evidence, AConfirmedFaultAndAReadAreEnough) {
  EXPECT_EQ(judged(true, true).validity, Validity::valid) << judged(true, true).summary;
}

TEST(Evidence, UnconfirmedFaultsAreVacuous) {
  EXPECT_EQ(judged(false, true).validity, Validity::unknown);
}

TEST(Evidence, RunsThatReadNothingAreVacuous) {
  EXPECT_EQ(judged(true, false).validity, Validity::unknown);
}

TEST(Evidence, UnprovedHealingIsUnknown) {
  Verdict verdict = judged(true, true, {}, Phase::info);
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("it did not"), std::string::npos);
}

TEST(Evidence, AStarvedHarnessConfirmsNothing) {
  HarnessLag lag{at_start, instant_at(60'000'000'000), 900ms, "switch"};
  Verdict verdict = judged(true, true, {lag});
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("not confirmed"), std::string::npos) << verdict.summary;
  EXPECT_NE(verdict.summary.find("900ms"), std::string::npos) << verdict.summary;
}

TEST(Faults, AnAnomalyInAFaultComesFirstAndNamesIt) {
  Story story;
  story.both(Process{0}, "read", 1);
  story.fault(true, true);
  story.both(Process{0}, "read", 2);
  story.fault(false, true);
  History history = story.builder.take();
  Verdict verdict{.checker = "c", .validity = Validity::invalid, .summary = "Bad: early. 2 keys."};
  verdict.anomalies.push_back({"nonlinearizable", "early.", {0, 1}, {}});
  verdict.anomalies.push_back({"nonlinearizable", "late.", {4, 5}, {}});
  relate_to_faults(verdict, history, fault_windows(history), 5);
  ASSERT_EQ(verdict.anomalies.size(), 2u);
  EXPECT_EQ(verdict.anomalies[0].explanation,
            "late. Faults that were on at that time: kill of n1 since 3.000 s.");
  EXPECT_EQ(verdict.anomalies[1].explanation, "early.");
  EXPECT_EQ(verdict.summary,
            "Bad: late. Faults that were on at that time: kill of n1 since 3.000 s. 2 keys.");
}

// Both reads happen in the partition, but only what n3 answers is explained by it.
TEST(Faults, AnAnomalyAtANodeThatWasCutOffComesFirst) {
  Story story;
  FaultReport report{"partition", {"n1>n3"}, true, true, {}};
  report.evidence = *parse_json(R"({"groups":[["n3"],["n1","n2","n4","n5"]]})");
  story.add(Process::nemesis(0), Phase::invoke, "start-partition", {});
  story.add(Process::nemesis(0), Phase::ok, "start-partition", to_value(report));
  story.both(Process{13}, "read", 1);  // asks n4
  story.both(Process{12}, "read", 1);  // asks n3
  History history = story.builder.take();
  Verdict verdict{.checker = "c", .validity = Validity::invalid, .summary = "Bad: near."};
  verdict.anomalies.push_back({"nonlinearizable", "near.", {2, 3}, {}});
  verdict.anomalies.push_back({"nonlinearizable", "far.", {4, 5}, {}});
  relate_to_faults(verdict, history, fault_windows(history), 5);
  const std::string faults =
      " Faults that were on at that time: partition of n3 | n1 n2 n4 n5 since 1.000 s.";
  EXPECT_EQ(verdict.anomalies[0].explanation,
            "far." + faults +
                " Process 12 asks n3 first, which was cut off from most of the nodes.");
  EXPECT_EQ(verdict.anomalies[1].explanation, "near." + faults);
}

sunder::Test watched_test() {
  sunder::Test test;
  test.system.make_invariants = [] { return std::unique_ptr<Invariants>(); };
  return test;
}

TEST(Evidence, BrokenInvariantsCiteTheOpsThatTheyConcern) {
  Story story;
  story.both(Process{3}, "write", Value::pair(7, 1));  // ops 0 and 1
  story.fault(true, true);                             // 2 and 3: no client's
  story.both(Process{4}, "write", Value::pair(7, 2), Phase::info);
  History history = story.builder.take();
  WorldRecord record;
  record.broken_invariants = {
      {"a vote was lost"},
      {"an entry was lost",
       {{4, "its entry 9 was dropped"}, {0, "its entry 8, too"}, {2, "x"}, {1, "x"}, {-1, "x"},
        {999, "x"}},
       2}};
  sunder::Test test = watched_test();
  Verdict verdict = judge_invariants(RunEvidence{test, record, history}).at(0);
  ASSERT_EQ(verdict.anomalies.size(), 2u);
  EXPECT_EQ(verdict.anomalies[0].ops, (std::vector<std::uint64_t>{0, 1, 4, 5}));
  EXPECT_EQ(verdict.anomalies[0].explanation,
            "an entry was lost. Op 4, write [7 2] of process 4, ended without an answer: its entry "
            "9 was dropped. Op 0, write [7 1] of process 3, was answered ok: its entry 8, too. So "
            "it is with 2 more ops.");
  EXPECT_EQ(verdict.anomalies[1].explanation, "a vote was lost");
  EXPECT_TRUE(verdict.anomalies[1].ops.empty());
}

TEST(Evidence, InvariantsAreSaidToHaveHeldOnlyWhereTheyWereWatched) {
  sunder::Test test = watched_test();
  History history;
  auto judged = [&](const std::string& watched) {
    WorldRecord record{.invariants_watched = watched};
    return judge_invariants(RunEvidence{test, record, history}).at(0);
  };
  EXPECT_EQ(judged("after every step").validity, Validity::valid);
  EXPECT_EQ(judged("in all 7 events").summary, "The protocol's invariants held in all 7 events.");
  EXPECT_EQ(judged("").validity, Validity::unknown);
}

TEST(Evidence, SaysWhereInvariantsAreOutOfReachInsteadOfJudgingThem) {
  sunder::Test test = watched_test();
  WorldRecord record{.invariants_out_of_reach = "the hosts have clocks of their own"};
  History history;
  EXPECT_TRUE(judge_invariants(RunEvidence{test, record, history}).empty());
  EXPECT_NE(judge_evidence(RunEvidence{test, record, history}).summary.find("not watched, for the"),
            std::string::npos);
  record.broken_invariants = {{"two leaders in term 3"}};
  EXPECT_EQ(judge_invariants(RunEvidence{test, record, history}).at(0).validity,
            Validity::invalid);
}

TEST(Evidence, BrokenInvariantsAreInvalidEvenInAVacuousRun) {
  sunder::Test test = watched_test();
  WorldRecord record{.broken_invariants = {{"two leaders in term 3"}}};
  History history;
  Verdict verdict = judge(RunEvidence{test, record, history}, Judges{}, {});
  EXPECT_EQ(verdict.validity, Validity::invalid);
}

}  // namespace
}  // namespace sunder
