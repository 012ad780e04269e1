// Hand-made traces of sites that edit documents: good ones pass, each bad one breaks the invariant
// that it should.

#include "nodes/text/invariants.h"

#include <gtest/gtest.h>

namespace sunder {
namespace {

struct Step {
  int node;  // 1 is n1
  Event event;
};

Event edit(std::int64_t sequence, std::string seen) {
  return {.kind = "edit",
          .numbers = {{{"key", 0}, {"sequence", sequence}, {"element", sequence}, {"op", 7}}},
          .text = std::move(seen)};
}
Event apply(std::int64_t origin, std::int64_t sequence) {
  return {.kind = "apply",
          .numbers = {{{"key", 0}, {"origin", origin - 1}, {"sequence", sequence}}}};
}
Event state(std::int64_t sum, std::string counts, std::string_view kind = "state") {
  return {.kind = kind,
          .numbers = {{{"key", 0}, {"length", 1}, {"sum", sum}}},
          .text = std::move(counts)};
}
Event boot() { return {.kind = "boot"}; }

/// The invariant that breaks first, and whether it cites the op; empty when none does.
std::string first_broken(const std::vector<Step>& steps) {
  text::TextInvariants invariants;
  for (const Step& step : steps) {
    auto broken = invariants.observe(NodeId::node(step.node - 1), at_start, step.event);
    if (!broken) continue;
    std::string name = broken->sentence.substr(0, broken->sentence.find(':'));
    return name + (broken->ops.empty() ? "" : ", op " + std::to_string(broken->ops[0].op));
  }
  return {};
}

TEST(TextInvariants, SitesWithTheSameUpdatesHaveTheSameDocument) {
  std::vector<Step> steps{{1, edit(1, "")}, {1, state(5, "1")}, {2, apply(1, 1)}};
  steps.push_back({2, state(5, "1")});
  EXPECT_EQ(first_broken(steps), "");
  steps.back() = {2, state(6, "1")};
  EXPECT_EQ(first_broken(steps), "convergence");
}

TEST(TextInvariants, UpdatesAreAppliedOnceAndInOrder) {
  std::vector<Step> steps{{1, edit(1, "")}, {1, edit(2, "1")}, {2, apply(1, 1)}};
  steps.push_back({2, apply(1, 2)});
  EXPECT_EQ(first_broken(steps), "");
  steps.push_back({2, apply(1, 2)});
  EXPECT_EQ(first_broken(steps), "once only, op 7");
  steps[2] = {2, apply(1, 2)};
  EXPECT_EQ(first_broken(steps), "order of a site, op 7");
}

TEST(TextInvariants, UpdatesComeAfterWhatTheyWereMadeAfter) {
  std::vector<Step> steps{{1, edit(1, "")}, {2, apply(1, 1)}, {2, edit(1, "1")}, {3, apply(1, 1)}};
  steps.push_back({3, apply(2, 1)});
  EXPECT_EQ(first_broken(steps), "");
  std::swap(steps[3], steps[4]);
  EXPECT_EQ(first_broken(steps), "causality, op 7");
}

TEST(TextInvariants, WhatOthersHaveSurvivesARestart) {
  std::vector<Step> steps{{1, edit(1, "")}, {1, state(5, "1")}, {2, apply(1, 1)}, {1, boot()}};
  steps.push_back({1, state(5, "1", "recovered")});
  EXPECT_EQ(first_broken(steps), "");
  steps.back() = {1, state(1, "", "recovered")};
  EXPECT_EQ(first_broken(steps), "durability, op 7");
}

// What nobody was told of may be lost, and its name used again.
TEST(TextInvariants, ANameBelongsToOneUpdateOnceItWasTold) {
  std::vector<Step> steps{{1, edit(1, "")}, {1, state(5, "1")}, {1, boot()}, {1, edit(1, "")}};
  steps.push_back({1, state(6, "1")});
  EXPECT_EQ(first_broken(steps), "");
  steps.insert(steps.begin() + 2, {2, apply(1, 1)});
  EXPECT_EQ(first_broken(steps), "unique names, op 7");
}

}  // namespace
}  // namespace sunder
