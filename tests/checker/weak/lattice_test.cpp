// The lattice of models against their definitions: on all small histories.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "harness/core/rng.h"
#include "tests/checker/weak/support/enumerate.h"
#include "tests/checker/weak/support/litmus.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

TEST(WeakLattice, EveryModelHasADefinition) {
  for (const Model& model : models()) {
    EXPECT_TRUE(has_definition(model.name)) << model.name;
    EXPECT_EQ(find_model(model.name), &model);
    EXPECT_TRUE(model.alias.empty() || find_model(model.alias) == &model) << model.alias;
  }
  EXPECT_EQ(find_model("no such model"), nullptr);
  EXPECT_EQ(find_model(""), nullptr);
}

TEST(WeakLattice, AModelStandsAfterThoseThatImplyIt) {
  for (const Edge& edge : edges()) {
    EXPECT_LT(place_of(edge.stronger), place_of(edge.weaker)) << edge.stronger << edge.weaker;
  }
}

// Floyd and Warshall's closure beside the one of models.cpp.
TEST(WeakLattice, ImpliesIsTheTransitiveClosureOfTheEdges) {
  std::size_t size = models().size();
  std::vector<std::vector<bool>> reaches(size, std::vector<bool>(size));
  for (std::size_t i = 0; i < size; ++i) reaches[i][i] = true;
  for (const Edge& edge : edges()) reaches[place_of(edge.stronger)][place_of(edge.weaker)] = true;
  for (std::size_t middle = 0; middle < size; ++middle) {
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = 0; b < size; ++b) {
        if (reaches[a][middle] && reaches[middle][b]) reaches[a][b] = true;
      }
    }
  }
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) {
      EXPECT_EQ(implies(models()[a], models()[b]), reaches[a][b])
          << models()[a].name << " " << models()[b].name;
    }
  }
}

TEST(WeakLattice, NoEdgeFollowsFromOthers) {
  for (const Edge& edge : edges()) {
    for (const Model& between : models()) {
      if (between.name == edge.stronger || between.name == edge.weaker) continue;
      EXPECT_FALSE(implies(*find_model(edge.stronger), between) &&
                   implies(between, *find_model(edge.weaker)))
          << edge.stronger << " " << between.name << " " << edge.weaker;
    }
  }
}

/// All histories of so many operations, with every timing that differs for some model, or with one
/// of `share` drawn ones.
void add_with_timings(Separations& separations, std::size_t operations, std::uint64_t share = 1) {
  std::map<std::vector<std::size_t>, std::vector<Timing>> known;
  Rng rng(operations, Stream::of("timings"));
  each_history({.operations = operations}, [&](Registers registers) {
    std::vector<std::size_t> lengths = session_lengths(registers);
    auto [at, is_new] = known.try_emplace(lengths);
    if (is_new) at->second = timings(lengths);
    for (const Timing& timing : at->second) {
      if (share != 1 && rng.below(share) != 0) continue;
      // Twice: a step that stays within the bound of staleness and one that exceeds it.
      for (std::int64_t step : {1, 20}) {
        set_timing(registers, timing, step);
        separations.add(registers);
      }
    }
  });
}

// Six operations are 309,815 histories, seven 4,424,103: SUNDER_EXHAUSTIVE says how many to take.
TEST(WeakLattice, NoSmallHistoryContradictsAnEdge) {
  const char* asked = std::getenv("SUNDER_EXHAUSTIVE");
  std::size_t operations_max = asked == nullptr ? 5 : std::strtoul(asked, nullptr, 10);
  Separations separations;
  for (std::size_t operations = 1; operations <= operations_max; ++operations) {
    each_history({.operations = operations},
                 [&](const Registers& registers) { separations.add(registers); });
  }
  EXPECT_GE(separations.histories(), 23'120u);
  EXPECT_EQ(separations.contradictions(), "");
}

TEST(WeakLattice, NoTimingOfASmallHistoryContradictsAnEdge) {
  Separations separations;
  for (std::size_t operations = 1; operations <= 4; ++operations) {
    add_with_timings(separations, operations);
  }
  EXPECT_EQ(separations.histories(), 83'386u);
  add_with_timings(separations, 5, std::getenv("SUNDER_EXHAUSTIVE") == nullptr ? 50 : 1);
  EXPECT_EQ(separations.contradictions(), "");
}

}  // namespace
}  // namespace sunder::weak::support
