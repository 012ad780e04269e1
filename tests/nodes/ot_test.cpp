// Co-editing under all faults: sound systems keep their claim, Jupiter is refuted as more than
// that, and every flaw is caught.

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "harness/cli/simulate.h"
#include "tests/nodes/support/scene.h"

namespace sunder {
namespace {

struct Load {
  std::string system;
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};
  std::string claim{};  // empty: the system's own
};

std::string told(const Load& load) {
  std::string text = load.system;
  for (const std::string& pair : load.set) text += " " + pair;
  if (!load.flaw.empty()) text += " flaw " + load.flaw;
  if (!load.claim.empty()) text += " as " + load.claim;
  return text;
}

// The plan refers to the catalogues.
Plan plan_of(const Load& load, const Catalogues& catalogues) {
  RunRequest request{.system = load.system, .workload = "text", .nemeses = "all", .world = "sim"};
  request.time_limit = "20s";
  request.set = load.set;
  request.claim = load.claim;
  if (!load.flaw.empty()) request.flaws = {load.flaw};
  Result<Plan> plan = make_plan(request, catalogues);
  EXPECT_TRUE(plan) << told(load);
  return *plan;
}

/// The verdict of the first seed of so many that is invalid; the last one's when none is.
Verdict first_invalid(const Load& load, std::uint64_t seeds) {
  Catalogues catalogues = all_catalogues();
  Plan plan = plan_of(load, catalogues);
  Verdict verdict;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    verdict = simulate(plan, seed).verdict;
    if (verdict.validity == Validity::invalid) break;
  }
  return verdict;
}

const Anomaly* first_anomaly(const Verdict& verdict) {
  if (!verdict.anomalies.empty()) return &verdict.anomalies.front();
  for (const Verdict& part : verdict.parts) {
    if (const Anomaly* found = first_anomaly(part)) return found;
  }
  return nullptr;
}

TEST(CoEditing, KeepsItsClaimsUnderAllFaults) {
  Catalogues catalogues = all_catalogues();
  for (const Load& load : {Load{"jupiter"}, Load{"jupiter", {"batch=true"}}, Load{"ttf"},
                           Load{"jupiter", {"batch=true", "keys=2", "positions=2", "inserts=1"}},
                           Load{"jupiter", {"keys=2", "positions=3"}, {}, "eventual"},
                           Load{"ttf", {"keys=2", "positions=3"}, {}, "weak-list"}}) {
    Plan plan = plan_of(load, catalogues);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      Verdict verdict = simulate(plan, seed).verdict;
      EXPECT_EQ(verdict.validity, Validity::valid) << told(load) << ": " << verdict.summary;
    }
  }
}

using testing_support::Scene;

// The phase of an insert at the beginning of document 1.
Phase insert(Scene& scene, int session, std::int64_t element) {
  Map argument;
  argument["value"] = element;
  argument["position"] = 0;
  argument["tag"] = "t" + std::to_string(element);
  std::optional<Op> done =
      scene.act(session, "insert", Value::pair(Value(1), Value(std::move(argument))));
  return done ? done->phase : Phase::info;
}

std::string shown(Scene& scene, int session) {
  std::optional<Op> done = scene.act(session, "read", Value::pair(Value(1), Value()));
  if (!done || done->phase != Phase::ok) return "no answer";
  return to_json(*done->value.list().at(1).find("value"));
}

TEST(CoEditing, GoesOnWithoutTheServerAndMeetsWhenItIsBack) {
  Scene scene({.system = "jupiter"});
  EXPECT_EQ(insert(scene, 1, 5), Phase::ok);
  scene.pass(std::chrono::seconds(1));
  EXPECT_EQ(shown(scene, 2), "[5]");
  scene.kill(0);
  EXPECT_EQ(insert(scene, 1, 6), Phase::ok);
  EXPECT_EQ(insert(scene, 2, 7), Phase::ok);
  scene.pass(std::chrono::seconds(5));
  EXPECT_EQ(shown(scene, 1), "[6,5]");
  EXPECT_EQ(shown(scene, 2), "[7,5]");
  scene.kill(1);
  scene.start(1);
  scene.start(0);
  scene.pass(std::chrono::seconds(2));
  for (int session : {0, 1, 2}) EXPECT_EQ(shown(scene, session), "[6,7,5]");
}

TEST(CoEditing, AmongEqualsNeedsNobody) {
  Scene scene({.system = "ttf"});
  scene.kill(0);
  EXPECT_EQ(insert(scene, 1, 6), Phase::ok);
  scene.pass(std::chrono::seconds(1));
  EXPECT_EQ(shown(scene, 2), "[6]");
  scene.cut_off(1);
  EXPECT_EQ(insert(scene, 1, 7), Phase::ok);
  EXPECT_EQ(insert(scene, 2, 8), Phase::ok);
  scene.kill(1);
  scene.start(1);
  scene.heal();
  scene.start(0);
  scene.pass(std::chrono::seconds(2));
  for (int session : {0, 1, 2}) EXPECT_EQ(shown(scene, session), "[7,8,6]");
}

TEST(CoEditing, ThroughAServerIsNotAStrongList) {
  Verdict verdict =
      first_invalid({"jupiter", {"keys=2", "positions=4", "deletes=2"}, {}, "strong-list"}, 20);
  ASSERT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(first_anomaly(verdict)->name, "order-cycle");
}

TEST(CoEditing, ShowsItsFlaws) {
  Registry<System> systems;
  add_all_nodes(systems);
  std::size_t listed = 0;
  for (const char* name : {"jupiter", "ttf"}) {
    for (const Flaw& flaw : systems.find(name)->flaws) {
      listed += flaw.listing == "OT" ? 1 : 0;
      Load load{name, flaw.set, flaw.name};
      Verdict verdict = first_invalid(load, 20);
      EXPECT_EQ(verdict.validity, Validity::invalid) << told(load);
      const Anomaly* anomaly = first_anomaly(verdict);
      if (flaw.anomaly.empty() || anomaly == nullptr) continue;
      EXPECT_EQ(anomaly->name, flaw.anomaly) << told(load);
    }
  }
  EXPECT_EQ(listed, 6u);
}

}  // namespace
}  // namespace sunder
