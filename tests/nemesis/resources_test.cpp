// Faults that make something scarce, against an imagined cluster: they believe only what they see.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

Nemesis nemesis_named(std::string_view name) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  const Nemesis* found = all.find(name);
  ASSERT(found != nullptr);
  return *found;
}

bool confirmed(const Outcome& outcome) {
  const Value* says = outcome.value.find("confirmed");
  return says != nullptr && says->boolean();
}

class ResourceFaults : public testing::TestWithParam<const char*> {
 protected:
  std::string begin() const { return std::string("exhaust-") + GetParam(); }
  std::string end() const { return std::string("restore-") + GetParam(); }
  // Of n1, as much as the fault's own schedule would leave.
  Value intention() const {
    Options options = *Options::parse(nemesis_.options, {});
    Map map;
    map["targets"] = "n1";
    const auto& all = options.all();
    for (const char* option : {"share", "bytes"}) {
      if (all.contains(option)) map["amount"] = options.integer(option);
    }
    return map;
  }

  Rng rng_{11, Stream::of("test")};
  FakeCluster cluster_{3};
  Nemesis nemesis_ = nemesis_named(GetParam());
};

TEST_P(ResourceFaults, AreConfirmedWhenTheyBiteAndEndedWhenNothingIsLeft) {
  EXPECT_FALSE(nemesis_.in_all);
  EXPECT_TRUE(nemesis_.needs.contains(Ability::resources));
  Outcome begun = cluster_.apply(nemesis_, rng_, begin(), intention());
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_TRUE(confirmed(begun));
  Outcome ended = cluster_.apply(nemesis_, rng_, end());
  EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value);
  EXPECT_TRUE(cluster_.report(0).limited.empty());
  EXPECT_EQ(cluster_.report(0).process, ProcessState::running);
}

TEST_P(ResourceFaults, AreNotConfirmedWhenNothingComesOfThem) {
  cluster_.dead = true;
  Outcome outcome = cluster_.apply(nemesis_, rng_, begin(), intention());
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(confirmed(outcome));
}

TEST_P(ResourceFaults, AreNotConfirmedWhenTheLimitDoesNotBite) {
  cluster_.toothless = true;
  Outcome outcome = cluster_.apply(nemesis_, rng_, begin(), intention());
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(confirmed(outcome));
}

TEST_P(ResourceFaults, AreNotConfirmedOnANodeThatDiedOfSomethingElse) {
  cluster_.dies_meanwhile = true;
  cluster_.report(0).ended = "exit 1";
  cluster_.toothless = true;
  Outcome outcome = cluster_.apply(nemesis_, rng_, begin(), intention());
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(confirmed(outcome));
}

TEST_P(ResourceFaults, FailWhenTheyCannotBeCarriedOut) {
  cluster_.refuses = true;
  Outcome outcome = cluster_.apply(nemesis_, rng_, begin(), intention());
  EXPECT_EQ(outcome.phase, Phase::fail);
  EXPECT_EQ(outcome.why, "no such device");
}

TEST_P(ResourceFaults, AreNotEndedWhileALimitIsLeft) {
  ASSERT_EQ(cluster_.apply(nemesis_, rng_, begin(), intention()).phase, Phase::ok);
  cluster_.dead = true;
  Outcome outcome = cluster_.apply(nemesis_, rng_, end());
  EXPECT_EQ(outcome.phase, Phase::info);
  EXPECT_FALSE(confirmed(outcome));
}

INSTANTIATE_TEST_SUITE_P(All, ResourceFaults,
                         testing::Values("cpu", "memory", "pids", "descriptors", "slow-disk",
                                         "ports"),
                         [](const auto& chosen) {
                           std::string name = chosen.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(PauseByFreezer, AsksForTheFreezerAndNeedsIt) {
  Nemesis pause = nemesis_named("pause");
  EXPECT_TRUE(pause.needs_for(*Options::parse(pause.options, {})).empty());
  EXPECT_EQ(pause.needs_for(*Options::parse(pause.options, {{"by", "freezer"}})),
            std::set{Ability::freezer});
  FakeCluster cluster(3);
  Rng rng(1, Stream::of("test"));
  Map intention;
  intention["targets"] = "n2";
  EXPECT_EQ(cluster.apply(pause, rng, "pause", intention).phase, Phase::ok);
  EXPECT_EQ(cluster.frozen, 0);
  EXPECT_EQ(cluster.apply(pause, rng, "resume").phase, Phase::ok);
  intention["by"] = "freezer";
  EXPECT_EQ(cluster.apply(pause, rng, "pause", intention).phase, Phase::ok);
  EXPECT_EQ(cluster.frozen, 1);
  cluster.dead = true;
  EXPECT_EQ(cluster.apply(pause, rng, "resume").phase, Phase::info) << "it still stands";
}

}  // namespace
}  // namespace sunder
