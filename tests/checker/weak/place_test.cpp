// The catalogue's weak checkers and the placement, end to end on small histories.

#include <gtest/gtest.h>

#include "checker/weak/clocks.h"
#include "checker/weak/models.h"
#include "harness/core/rng.h"
#include "tests/checker/support/histories.h"

namespace sunder::weak {
namespace {

using testing_support::ScriptedHistory;
using testing_support::verdict_of;

Value at(const char* key, Value value) { return Value::pair(key, std::move(value)); }

/// Both sessions write, then miss each other's write: w(x1) r(y0) | w(y1) r(x0).
History store_buffer() {
  return ScriptedHistory()
      .call(0, "write", at("x", 1), at("x", 1))
      .call(1, "write", at("y", 1), at("y", 1))
      .call(0, "read", at("y", nullptr), at("y", nullptr))
      .call(1, "read", at("x", nullptr), at("x", nullptr))
      .take();
}

CheckContext keyed() {
  CheckContext context;
  context.keyed = true;
  return context;
}

std::string text(const Verdict& verdict, const char* name) {
  const Value* found = verdict.detail.find(name);
  return found != nullptr && found->is_text() ? found->text() : "";
}

TEST(WeakPlacement, AStoreBufferIsCausalAndNotSequential) {
  Verdict verdict = verdict_of("all models of register", store_buffer(), {}, keyed());
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(text(verdict, "undecided"), "none");
  EXPECT_EQ(text(verdict, "weakest_refuted"), "sequential, safe");
  EXPECT_EQ(text(verdict, "strongest_held"),
            "real-time-causal, causal-memory, processor, consistent-prefix, bounded-staleness");
}

TEST(WeakPlacement, ARefutationNamesTheFewestOperationsAndTheirOps) {
  Verdict verdict = verdict_of("sequential register", store_buffer(), {}, keyed());
  ASSERT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  const Anomaly& anomaly = verdict.anomalies[0];
  EXPECT_EQ(anomaly.name, "sequential-violation");
  EXPECT_EQ(anomaly.ops, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_NE(anomaly.explanation.find("write 1 to \"x\" (op 0)"), std::string::npos)
      << anomaly.explanation;
}

TEST(WeakPlacement, OperationsThatDoNotMatterAreLeftOut) {
  ScriptedHistory script;
  for (int i = 1; i <= 50; ++i) script.write(0, i).read(1, i);
  script.read(1, 3);
  Verdict verdict = verdict_of("monotonic-reads register", script.take(), {}, {});
  ASSERT_EQ(verdict.validity, Validity::invalid);
  // write 3, a newer write, a read of it, and the read of 3.
  EXPECT_EQ(verdict.anomalies[0].ops.size(), 8u) << verdict.anomalies[0].explanation;
}

TEST(WeakPlacement, WhatNobodyWroteBreaksEveryModel) {
  History history = ScriptedHistory().write(0, 1).read(1, 9).take();
  for (const Model& model : models()) {
    if (model.name == "linearizable" || model.name == "eventual") continue;
    Verdict verdict = verdict_of(std::string(model.name) + " register", history, {}, {});
    EXPECT_EQ(verdict.validity, Validity::invalid) << model.name;
    EXPECT_EQ(verdict.anomalies.at(0).name, "unwritten-read") << model.name;
  }
}

TEST(WeakPlacement, WithoutReadsOrOpsNothingIsValid) {
  History writes = ScriptedHistory().write(0, 1).write(1, 2).take();
  EXPECT_EQ(verdict_of("causal register", writes, {}, {}).validity, Validity::unknown);
  EXPECT_EQ(verdict_of("all models of register", writes, {}, {}).validity, Validity::unknown);
  EXPECT_EQ(verdict_of("causal register", History(), {}, {}).validity, Validity::unknown);
}

TEST(WeakPlacement, WhatWasNotUnderstoodIsUnknownEvenBesideAnImpossibleRead) {
  History history = ScriptedHistory().write(0, 1).cas(0, 1, 9).read(1, 9).take();
  Verdict verdict = verdict_of("causal register", history, {}, {});
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("Op 2"), std::string::npos) << verdict.summary;
}

TEST(WeakPlacement, ABoundOfStalenessIsHeldTo) {
  // Each op of the script is a millisecond after the one before: the read is 3 ms late.
  ScriptedHistory script;
  script.write(0, 1).write(0, 2).write(2, 3).read(1, 1);
  History history = script.take();
  EXPECT_EQ(
      verdict_of("bounded-staleness register", history, {{"staleness-ms", "10"}}, {}).validity,
      Validity::valid);
  EXPECT_EQ(verdict_of("bounded-staleness register", history, {{"staleness-ms", "1"}}, {}).validity,
            Validity::invalid);
  EXPECT_EQ(verdict_of("regular register", history, {}, {}).validity, Validity::invalid);
}

TEST(WeakModels, EveryEdgeNamesModelsAndGoesDown) {
  for (const Edge& edge : edges()) {
    const Model* stronger = find_model(edge.stronger);
    const Model* weaker = find_model(edge.weaker);
    ASSERT_NE(stronger, nullptr) << edge.stronger;
    ASSERT_NE(weaker, nullptr) << edge.weaker;
    EXPECT_LT(stronger, weaker) << edge.stronger << " stands after " << edge.weaker;
    EXPECT_FALSE(implies(*weaker, *stronger));
  }
  EXPECT_EQ(find_model("ccv"), find_model("causal-convergence"));
  EXPECT_EQ(find_model(""), nullptr);
}

TEST(WeakClocks, AgreeWithPlainVectors) {
  constexpr std::uint32_t sessions = 300;
  Clocks clocks(sessions);
  std::vector<Clocks::Clock> some(6, Clocks::zero);
  std::vector<std::vector<std::uint32_t>> plain(6, std::vector<std::uint32_t>(sessions));
  Rng rng(1, Stream::of("clocks"));
  for (std::uint32_t step = 1; step < 3000; ++step) {
    std::size_t a = rng.below(6);
    std::size_t b = rng.below(6);
    Clocks::Clock next = 0;
    if (rng.chance({1, 2})) {
      auto session = static_cast<std::uint32_t>(rng.below(sessions));
      next = clocks.with(some[a], session, step);
      plain[a][session] = step;
    } else {
      next = clocks.joined(some[a], some[b]);
      for (std::uint32_t s = 0; s < sessions; ++s) plain[a][s] = std::max(plain[a][s], plain[b][s]);
    }
    clocks.drop(some[a]);
    some[a] = next;
    std::size_t greater = 0;
    clocks.each_greater(some[a], some[b], [&](std::uint32_t s, std::uint32_t x, std::uint32_t y) {
      EXPECT_EQ(x, plain[a][s]);
      EXPECT_EQ(y, plain[b][s]);
      ++greater;
    });
    std::size_t expected = 0;
    for (std::uint32_t s = 0; s < sessions; ++s) expected += plain[a][s] > plain[b][s] ? 1 : 0;
    ASSERT_EQ(greater, expected);
  }
  for (std::uint32_t s = 0; s < sessions; ++s) EXPECT_EQ(clocks.at(some[0], s), plain[0][s]);
}

}  // namespace
}  // namespace sunder::weak
