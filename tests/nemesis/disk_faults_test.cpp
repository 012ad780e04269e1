// Faults of disks, against an imagined cluster: they believe only what disks say.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/api/fault_budget.h"
#include "harness/core/json.h"
#include "harness/generate/simulate.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

class DiskFaults : public testing::Test {
 protected:
  Nemesis named(std::string_view name) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    const Nemesis* found = all.find(name);
    ASSERT(found != nullptr);
    return *found;
  }
  Outcome apply(const Nemesis& nemesis, const std::string& verb, Value value = {}) {
    return cluster_.apply(nemesis, rng_, verb, std::move(value));
  }
  static Value on_n1() {
    Map map;
    map["targets"] = "n1";
    Map act;
    act["do"] = "rot";
    map["act"] = std::move(act);
    return map;
  }
  Rng rng_{11, Stream::of("test")};
  FakeCluster cluster_{3};
};

TEST_F(DiskFaults, StrikeOnlyWhenNamed) {
  for (const char* name : {"bit-rot", "truncate", "restore", "stale-read"}) {
    Nemesis nemesis = named(name);
    EXPECT_FALSE(nemesis.in_all) << name;
    EXPECT_FALSE(nemesis.in_swarm) << name;
    EXPECT_TRUE(nemesis.needs.contains(Ability::stored)) << name;
  }
}

TEST_F(DiskFaults, RotIsDoneToADeadNodeWhichIsStartedAndMendedInTheEnd) {
  Nemesis rot = named("bit-rot");
  Outcome begun = apply(rot, "rot", on_n1());
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(cluster_.report(0).starts, 2);
  EXPECT_EQ(cluster_.disk_acts, std::vector<std::string>{"n1 rot"});
  EXPECT_EQ(begun.value.find("over"), nullptr);
  cluster_.report(0).process = ProcessState::stopped;  // it has refused to start
  Outcome ended = apply(rot, "mend-bit-rot");
  EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value);
  EXPECT_EQ(cluster_.report(0).process, ProcessState::running);
  EXPECT_EQ(to_json(*ended.value.find("targets")), "[\"n1\"]");
}

TEST_F(DiskFaults, RotIsNotConfirmedWhereNothingHasChanged) {
  cluster_.toothless = true;
  EXPECT_EQ(apply(named("bit-rot"), "rot", on_n1()).phase, Phase::info);
}

TEST_F(DiskFaults, ANodeThatStaysDownIsNotMended) {
  Nemesis rot = named("bit-rot");
  apply(rot, "rot", on_n1());
  cluster_.report(0).process = ProcessState::stopped;
  cluster_.dead = true;
  EXPECT_EQ(apply(rot, "mend-bit-rot").phase, Phase::info);
}

TEST_F(DiskFaults, ARestoreTakesItsSnapshotFirstAndIsOverAtOnce) {
  Map value = on_n1().map();
  value["age_ns"] = 3'000'000'000;
  value["act"].map()["do"] = "restore";
  FaultBudget budget(FaultLimit::quorum, cluster_.nodes());
  cluster_.budget = &budget;
  Outcome outcome = apply(named("restore"), "restore", Value(value));
  EXPECT_EQ(outcome.phase, Phase::ok) << to_json(outcome.value);
  EXPECT_TRUE(outcome.value.find("over")->boolean());
  EXPECT_EQ(cluster_.disk_acts, (std::vector<std::string>{"n1 snapshot", "n1 restore"}));
  EXPECT_GE(cluster_.waited, std::chrono::seconds(3));
  value["targets"] = "n2";
  EXPECT_EQ(apply(named("restore"), "restore", Value(value)).phase, Phase::ok)
      << "what is over leaves room in the budget";
}

TEST_F(DiskFaults, AStaleReadCountsWhenItHasChangedWhatWasRead) {
  Nemesis stale = named("stale-read");
  Map value;
  value["targets"] = "n1";
  Outcome begun = apply(stale, "start-stale-read", Value(value));
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(cluster_.report(0).starts, 2);
  EXPECT_EQ(apply(stale, "stop-stale-read").phase, Phase::ok);
  cluster_.toothless = true;
  EXPECT_EQ(apply(stale, "start-stale-read", Value(value)).phase, Phase::info);
}

TEST_F(DiskFaults, OptionsSayWhichFilesOperationsAndOccurrencesAreStruck) {
  Nemesis error = named("disk-error");
  NemesisConfig config{.options = *Options::parse(error.options, {{"error", "EDQUOT"},
                                                                  {"path", "*.wal"},
                                                                  {"operation", "fsync"},
                                                                  {"from", "3"},
                                                                  {"times", "2"},
                                                                  {"chance", "25"}}),
                       .process = Process::nemesis(0),
                       .seed = 1,
                       .interval = std::chrono::seconds(1)};
  std::string rule;
  auto quick = [](const Op&) { return gen::Answer{Phase::ok, std::chrono::milliseconds(1)}; };
  for (const Op& op : gen::simulate(error.schedule(config), {2, 2}, quick, 3).invocations()) {
    if (const Value* found = op.value.find("rule")) rule = to_json(*found);
  }
  EXPECT_EQ(rule,
            "{\"chance\":[25,100],\"error\":\"EDQUOT\",\"from\":3,\"operations\":[\"fsync\"],"
            "\"path\":\"*.wal\",\"times\":2}");
}

TEST_F(DiskFaults, APowerCutNeedsADiskWithPoliciesOnlyWhenOneIsChosen) {
  Nemesis disk = named("disk");
  EXPECT_FALSE(disk.needs.contains(Ability::disks));
  EXPECT_TRUE(disk.needs_for(*Options::parse(disk.options, {})).empty());
  EXPECT_TRUE(disk.needs_for(*Options::parse(disk.options, {{"policy", "none"}}))
                  .contains(Ability::disks));
  Outcome cut = apply(disk, "cut-power", on_n1());
  EXPECT_EQ(cut.phase, Phase::ok) << to_json(cut.value);
  cluster_.report(0).boot = "another boot";
  Outcome back = apply(disk, "restore-power");
  EXPECT_EQ(back.phase, Phase::ok);
  EXPECT_EQ(back.value.find("evidence")->find("boots")->find("n1")->text(), "another boot");
}

}  // namespace
}  // namespace sunder
