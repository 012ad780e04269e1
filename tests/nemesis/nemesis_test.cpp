// Faults against an imagined cluster: what they do, and that they believe only what they see.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/core/history.h"
#include "harness/generate/simulate.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

Nemesis nemesis_named(std::string_view name) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  const Nemesis* found = all.find(name);
  ASSERT(found != nullptr);
  return *found;
}

FaultReport report_of(const Outcome& outcome) {
  HistoryBuilder builder;
  Op op;
  op.value = outcome.value;
  builder.add(op);
  History history = builder.take();
  Result<FaultReport> report = fault_report_from(history[0].value);
  ASSERT_MSG(report, to_json(outcome.value));
  return *report;
}

Value want(const char* key, const char* value) {
  Map map;
  map[key] = value;
  return map;
}

class Faults : public ::testing::Test {
 protected:
  Rng rng_{11, Stream::of("test")};
};

TEST_F(Faults, PartitionCutsTheLeaderOffAndHeals) {
  FakeCluster cluster(5, 2);
  Nemesis partition = nemesis_named("partition");
  Outcome cut = cluster.apply(partition, rng_, "start-partition", want("shape", "leader"));
  EXPECT_EQ(cut.phase, Phase::ok);
  FaultReport report = report_of(cut);
  EXPECT_TRUE(report.on);
  EXPECT_TRUE(report.confirmed);
  std::vector<std::string> links = {"n1>n3", "n2>n3", "n3>n1", "n3>n2",
                                    "n3>n4", "n3>n5", "n4>n3", "n5>n3"};
  EXPECT_EQ(report.targets, links);
  EXPECT_EQ(to_json(report.evidence),
            R"({"delivered":12,"groups":[["n3"],["n1","n2","n4","n5"]],"lost":8,"probes":1,)"
            R"("roles_before":{"n1":"follower","n2":"follower","n3":"leader","n4":"follower",)"
            R"("n5":"follower"},"shape":"leader"})");
  Outcome healed = cluster.apply(partition, rng_, "stop-partition");
  EXPECT_EQ(healed.phase, Phase::ok);
  EXPECT_FALSE(report_of(healed).on);
  EXPECT_TRUE(cluster.cut().empty());
}

TEST_F(Faults, PartitionThatDoesNotHappenIsNotConfirmed) {
  FakeCluster cluster(5);
  cluster.dead = true;
  Outcome outcome = cluster.apply(nemesis_named("partition"), rng_, "start-partition");
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(report_of(outcome).confirmed);
  EXPECT_EQ(report_of(outcome).evidence.find("leaked")->list().size(), 12u);
  EXPECT_GT(cluster.waited, 0s);  // it did look more than once
}

TEST_F(Faults, PartitionWithOneLinkThatLeaksIsNotConfirmed) {
  FakeCluster cluster(5, 2);
  cluster.leaks = {{NodeId::node(2), NodeId::node(4)}};
  Outcome outcome = cluster.apply(nemesis_named("partition"), rng_, "start-partition",
                                  want("shape", "leader"));
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(to_json(*report_of(outcome).evidence.find("leaked")), R"(["n3>n5"])");
}

TEST_F(Faults, PartitionThatCutsTooMuchIsNotConfirmed) {
  FakeCluster cluster(5, 2);
  cluster.broken = {{NodeId::node(0), NodeId::node(1)}};
  Outcome outcome = cluster.apply(nemesis_named("partition"), rng_, "start-partition",
                                  want("shape", "leader"));
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(to_json(*report_of(outcome).evidence.find("lost_but_not_cut")), R"(["n1>n2"])");
  EXPECT_EQ(cluster.apply(nemesis_named("partition"), rng_, "stop-partition").phase, Phase::info);
}

TEST_F(Faults, ProbesLostByChanceAreSentAgain) {
  FakeCluster cluster(5, 2);
  cluster.lost_by_chance[{NodeId::node(0), NodeId::node(1)}] = 2;
  Outcome outcome = cluster.apply(nemesis_named("partition"), rng_, "start-partition",
                                  want("shape", "leader"));
  EXPECT_EQ(outcome.phase, Phase::ok);
  EXPECT_EQ(report_of(outcome).evidence.find("probes")->integer(), 3);
}

TEST_F(Faults, RefusedActsFail) {
  FakeCluster cluster(5);
  cluster.refuses = true;
  for (auto [name, verb] : {std::pair{"partition", "start-partition"},
                            {"partition", "stop-partition"},
                            {"kill", "kill"},
                            {"pause", "resume"},
                            {"clock", "bump-clock"}}) {
    Outcome outcome = cluster.apply(nemesis_named(name), rng_, verb);
    EXPECT_EQ(outcome.phase, Phase::fail) << verb;
    EXPECT_EQ(outcome.why, "no such device") << verb;
  }
}

TEST_F(Faults, KillStrikesAMajorityAndStartBringsAllBack) {
  FakeCluster cluster(5);
  Nemesis kill = nemesis_named("kill");
  Outcome outcome = cluster.apply(kill, rng_, "kill", want("targets", "majority"));
  EXPECT_EQ(outcome.phase, Phase::ok);
  FaultReport report = report_of(outcome);
  EXPECT_EQ(report.kind, "kill");
  ASSERT_EQ(report.targets.size(), 3u);
  for (int i = 0; i < 5; ++i) {
    bool struck = std::count(report.targets.begin(), report.targets.end(),
                             to_string(NodeId::node(i))) == 1;
    EXPECT_EQ(cluster.report(i).process == ProcessState::stopped, struck);
  }
  EXPECT_EQ(report.evidence.find("roles_before")->map().size(), 5u);
  EXPECT_EQ(report.evidence.find("roles_after")->map().size(), 2u);
  Outcome started = cluster.apply(kill, rng_, "start");
  EXPECT_EQ(started.phase, Phase::ok);
  EXPECT_EQ(report_of(started).targets, report.targets);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(cluster.report(i).process, ProcessState::running);
}

TEST_F(Faults, KillWithoutEffectIsNotConfirmed) {
  FakeCluster cluster(3);
  cluster.dead = true;
  Outcome outcome = cluster.apply(nemesis_named("kill"), rng_, "kill", want("targets", "all"));
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(to_json(*report_of(outcome).evidence.find("processes")),
            R"({"n1":"running","n2":"running","n3":"running"})");
}

TEST_F(Faults, StatesThatShowLateAreWaitedFor) {
  FakeCluster cluster(3, 1);
  cluster.lag(4);  // the first survey is the one before the act
  Outcome outcome = cluster.apply(nemesis_named("pause"), rng_, "pause", want("targets", "leader"));
  EXPECT_EQ(outcome.phase, Phase::ok);
  EXPECT_EQ(report_of(outcome).targets, std::vector<std::string>{"n2"});
  EXPECT_EQ(cluster.waited, 300ms);
}

TEST_F(Faults, KillOverPauseIsUndoneByBoth) {
  FakeCluster cluster(3, 1);
  Nemesis kill = nemesis_named("kill");
  Nemesis pause = nemesis_named("pause");
  cluster.apply(pause, rng_, "pause", want("targets", "all"));
  EXPECT_EQ(cluster.apply(kill, rng_, "kill", want("targets", "one")).phase, Phase::ok);
  EXPECT_EQ(cluster.apply(kill, rng_, "start").phase, Phase::ok);
  EXPECT_EQ(cluster.apply(pause, rng_, "resume").phase, Phase::ok);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cluster.report(i).process, ProcessState::running);
}

TEST_F(Faults, WhatIsStoppedIsNotPaused) {
  FakeCluster cluster(3);
  Nemesis pause = nemesis_named("pause");
  cluster.report(0).process = ProcessState::stopped;
  cluster.report(2).process = ProcessState::stopped;
  for (const char* intention : {"all", "leader", "one", "majority"}) {
    Outcome outcome = cluster.apply(pause, rng_, "pause", want("targets", intention));
    EXPECT_EQ(outcome.phase, Phase::ok);
    EXPECT_EQ(report_of(outcome).targets, std::vector<std::string>{"n2"}) << intention;
    EXPECT_EQ(cluster.report(0).process, ProcessState::stopped);
    cluster.apply(pause, rng_, "resume");
  }
  cluster.report(1).process = ProcessState::stopped;
  EXPECT_EQ(cluster.apply(pause, rng_, "pause", want("targets", "all")).phase, Phase::fail);
}

TEST_F(Faults, ClockStepsAreReadBack) {
  FakeCluster cluster(5);
  cluster.report(0).clock_offset = 1ms;  // as real clocks are
  Nemesis clock = nemesis_named("clock");
  Map value;
  value["targets"] = "all";
  value["max_step_ns"] = nanoseconds(10s);
  for (int round = 0; round < 50; ++round) {
    Outcome outcome = cluster.apply(clock, rng_, "bump-clock", value);
    EXPECT_EQ(outcome.phase, Phase::ok);
    for (int i = 0; i < 5; ++i) {
      Duration step = std::chrono::abs(cluster.report(i).clock_offset);
      EXPECT_GE(step, 99ms);
      EXPECT_LE(step, 10s + 1ms);
    }
    EXPECT_EQ(cluster.apply(clock, rng_, "reset-clock").phase, Phase::ok);
    EXPECT_EQ(cluster.report(3).clock_offset, 0ms);
  }
  cluster.dead = true;
  Outcome outcome = cluster.apply(clock, rng_, "bump-clock", value);
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(report_of(outcome).confirmed);
}

TEST_F(Faults, ATerminatedProcessMustNotHaveBeenKilled) {
  FakeCluster cluster(3, 1);
  Nemesis terminate = nemesis_named("terminate");
  Outcome outcome = cluster.apply(terminate, rng_, "terminate", want("targets", "leader"));
  EXPECT_EQ(outcome.phase, Phase::ok);
  EXPECT_EQ(to_json(*report_of(outcome).evidence.find("endings")), R"({"n2":"exit 0"})");
  EXPECT_EQ(cluster.apply(terminate, rng_, "start").phase, Phase::ok);
  EXPECT_EQ(cluster.report(1).starts, 2);

  cluster.deaf = true;
  EXPECT_EQ(cluster.apply(terminate, rng_, "terminate").phase, Phase::info);
  EXPECT_GT(cluster.waited, 5s);  // it was given time
  cluster.kill(NodeId::node(0), [](const Status&) {});
  cluster.kill(NodeId::node(1), [](const Status&) {});
  cluster.kill(NodeId::node(2), [](const Status&) {});
  EXPECT_EQ(cluster.apply(terminate, rng_, "terminate").phase, Phase::fail);
}

TEST_F(Faults, APowerCutStrikesEveryNode) {
  FakeCluster cluster(3);
  Nemesis power_cut = nemesis_named("power-cut");
  EXPECT_FALSE(power_cut.in_all);
  Outcome outcome = cluster.apply(power_cut, rng_, "cut-power", want("targets", "all"));
  EXPECT_EQ(report_of(outcome).targets, (std::vector<std::string>{"n1", "n2", "n3"}));
  EXPECT_EQ(outcome.phase, Phase::ok);
  EXPECT_EQ(cluster.apply(power_cut, rng_, "restore-power").phase, Phase::ok);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cluster.report(i).process, ProcessState::running);
}

TEST_F(Faults, AGcPauseIsAsLongAsItWasMeantToBe) {
  FakeCluster cluster(3, 1);
  Nemesis pause = nemesis_named("gc-pause");
  Map value;
  value["targets"] = "leader";
  value["length_ns"] = nanoseconds(310ms);
  Outcome outcome = cluster.apply(pause, rng_, "gc-pause", value);
  EXPECT_EQ(outcome.phase, Phase::ok);
  FaultReport report = report_of(outcome);
  EXPECT_TRUE(report.on);
  EXPECT_TRUE(report.over);
  EXPECT_EQ(to_json(*report.evidence.find("stood_still_ns")), R"({"n2":310000000})");
  EXPECT_EQ(cluster.report(1).process, ProcessState::running);
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(pause, rng_, "gc-pause", value).phase, Phase::info);
}

TEST_F(Faults, GcPausesAreMostlyShortAndOftenAboutTheTimeOut) {
  Nemesis pause = nemesis_named("gc-pause");
  NemesisConfig config{*Options::parse(pause.options, {}), Process::nemesis(0), 1, 10s};
  auto quick = [](const Op&) { return gen::Answer{Phase::ok, 1ms}; };
  int about = 0;
  int around_twice = 0;
  int short_ones = 0;
  int long_ones = 0;
  auto ops = gen::simulate(pause.schedule(config), {2, 2}, quick, 401).invocations();
  for (const Op& op : ops) {
    ASSERT_EQ(op.verb, "gc-pause");  // each bout ends by itself
    Duration length{op.value.find("length_ns")->integer()};
    EXPECT_GE(length, 20ms);
    EXPECT_LE(length, 10s);
    if (length >= 285ms && length <= 315ms) ++about;
    if (length >= 585ms && length <= 615ms) ++around_twice;
    if (length < 100ms) ++short_ones;
    if (length > 1s) ++long_ones;
  }
  EXPECT_GT(about, 100);
  EXPECT_GT(around_twice, 25);
  EXPECT_GT(short_ones, 100);
  EXPECT_GT(long_ones, 1);
  EXPECT_LT(long_ones, 30);
}

TEST_F(Faults, ACrashLoopCountsItsStarts) {
  FakeCluster cluster(5);
  Map value;
  value["targets"] = "minority";
  value["deaths"] = 4;
  Outcome outcome = cluster.apply(nemesis_named("crash-loop"), rng_, "crash-loop", value);
  EXPECT_EQ(outcome.phase, Phase::ok);
  FaultReport report = report_of(outcome);
  EXPECT_TRUE(report.over);
  for (int i = 0; i < 5; ++i) {
    bool struck = std::count(report.targets.begin(), report.targets.end(),
                             to_string(NodeId::node(i))) == 1;
    EXPECT_EQ(cluster.report(i).starts, struck ? 5 : 1);
    EXPECT_EQ(cluster.report(i).process, ProcessState::running);
  }
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(nemesis_named("crash-loop"), rng_, "crash-loop", value).phase,
            Phase::info);
}

TEST_F(Faults, ARollingRestartStartsEveryNodeOnce) {
  for (const char* by : {"term", "kill"}) {
    FakeCluster cluster(3);
    Outcome outcome =
        cluster.apply(nemesis_named("rolling-restart"), rng_, "rolling-restart", want("by", by));
    EXPECT_EQ(outcome.phase, Phase::ok);
    EXPECT_TRUE(report_of(outcome).over);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(cluster.report(i).starts, 2);
      EXPECT_EQ(cluster.report(i).ended, by == std::string("term") ? "exit 0" : "signal 9");
    }
  }
  FakeCluster cluster(3);
  cluster.deaf = true;
  Outcome outcome =
      cluster.apply(nemesis_named("rolling-restart"), rng_, "rolling-restart", want("by", "term"));
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_EQ(report_of(outcome).evidence.find("never_ended")->list().size(), 3u);
}

TEST_F(Faults, AWipeThatErasesNothingIsNotConfirmed) {
  FakeCluster cluster(3, 1);
  Nemesis wipe = nemesis_named("wipe");
  EXPECT_FALSE(wipe.in_all);
  Outcome outcome = cluster.apply(wipe, rng_, "wipe", want("targets", "leader"));
  EXPECT_EQ(outcome.phase, Phase::ok);
  EXPECT_EQ(to_json(*report_of(outcome).evidence.find("erased")), R"({"n2":7})");
  EXPECT_EQ(cluster.report(1).process, ProcessState::stopped);
  cluster.start(NodeId::node(1), [](const Status&) {});
  EXPECT_EQ(cluster.apply(wipe, rng_, "start").phase, Phase::ok);
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(wipe, rng_, "wipe").phase, Phase::info);
}

TEST_F(Faults, ACoreIsWholeAndTheOthersAreDeadOrCutOff) {
  bool killed = false;
  bool cut_off = false;
  for (int round = 0; round < 20; ++round) {
    FakeCluster cluster(5);
    Nemesis core = nemesis_named("core");
    Outcome left = cluster.apply(core, rng_, "leave-core");
    ASSERT_EQ(left.phase, Phase::ok) << to_json(left.value);
    FaultReport report = report_of(left);
    EXPECT_EQ(report.targets.size(), 2u);
    EXPECT_EQ(report.evidence.find("core")->list().size(), 3u);
    std::size_t dead = report.evidence.find("dead")->list().size();
    EXPECT_EQ(dead + report.evidence.find("cut_off")->list().size(), 2u);
    EXPECT_EQ(cluster.cut().size(), dead == 0 ? 14u : dead == 1 ? 8u : 0u);
    killed = killed || dead > 0;
    cut_off = cut_off || dead < 2;
    Outcome ended = cluster.apply(core, rng_, "end-core");
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value);
    EXPECT_TRUE(cluster.cut().empty());
  }
  EXPECT_TRUE(killed && cut_off);
}

TEST_F(Faults, ACoreThatIsNotAloneIsNotConfirmed) {
  FakeCluster cluster(3);
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(nemesis_named("core"), rng_, "leave-core").phase, Phase::info);
  FakeCluster small(1);
  EXPECT_EQ(small.apply(nemesis_named("core"), rng_, "leave-core").phase, Phase::fail);
}

// Acts that claim to have been carried out, on nodes that do not change at all.
TEST_F(Faults, NoneIsConfirmedWhereNothingHappens) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  for (const Nemesis& nemesis : all.all()) {
    NemesisConfig config{*Options::parse(nemesis.options, {}), Process::nemesis(0), 1, 10s};
    std::vector<Op> acts = gen::simulate(nemesis.schedule(config), {2, 2}, gen::perfect(), 8)
                               .invocations();
    ASSERT_FALSE(acts.empty()) << nemesis.name;
    int begun = 0;
    for (const Op& act : acts) {
      if (act.verb == nemesis.verbs.back() && nemesis.verbs.size() > 1) continue;
      FakeCluster cluster(5, 1);
      cluster.dead = true;
      Outcome outcome = cluster.apply(nemesis, rng_, act.verb, act.value);
      EXPECT_NE(outcome.phase, Phase::ok)
          << nemesis.name << ", " << act.verb << ": " << to_json(outcome.value);
      ++begun;
    }
    EXPECT_GT(begun, 0) << nemesis.name;
  }
}

TEST_F(Faults, EveryNemesisRecoversWhenNothingIsOn) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  for (const Nemesis& nemesis : all.all()) {
    FakeCluster cluster(3);
    NemesisConfig config{*Options::parse(nemesis.options, {}), Process::nemesis(0), 1, 10s};
    gen::Play play = gen::simulate(nemesis.recovery(config), {2, 2}, gen::perfect());
    ASSERT_EQ(play.invocations().size(), 1u) << nemesis.name;
    EXPECT_EQ(cluster.apply(nemesis, rng_, play.invocations()[0].verb).phase, Phase::ok);
  }
}

}  // namespace
}  // namespace sunder
