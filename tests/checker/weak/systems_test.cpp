// Systems that keep a model by the way they work, and toys that keep next to nothing.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/checker/weak/support/systems.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

std::string names(Verdicts verdicts) {
  std::string text;
  for (std::size_t i = 0; i < models().size(); ++i) {
    if (holds(verdicts, i)) text += (text.empty() ? "" : " ") + std::string(models()[i].name);
  }
  return text;
}

Verdicts promised(const System& system) {
  Verdicts verdicts = 0;
  for (std::string_view model : system.keeps) verdicts |= implied_by(place_of(model));
  return verdicts;
}

/// By the definitions, of short histories.
Verdicts kept_in_short_runs(const System& system) {
  Rng rng(1, Stream::of(system.name));
  Verdicts kept = ~Verdicts{0};
  for (int i = 0; i < 500; ++i) {
    kept &= verdicts_of(*registers_of(run(system, 3 + rng.below(7), rng)));
  }
  return kept;
}

/// By the decisions, of longer histories, which show more. What is promised is decided in some of
/// them, what is not until it is refuted.
Verdicts kept_in_long_runs(const System& system, Verdicts promise) {
  Rng rng(2, Stream::of(system.name));
  Verdicts kept = all_models();
  for (int i = 0; i < 20'000 && (i < 200 || (kept & ~promise) != 0); ++i) {
    Registers registers = *registers_of(run(system, 15 + rng.below(25), rng));
    for (std::size_t model = 0; model < models().size(); ++model) {
      if (!holds(kept, model) || (i >= 200 && holds(promise, model))) continue;
      Finding finding = models()[model].decide(registers, {.staleness = staleness});
      if (finding.outcome == Outcome::refuted) kept &= ~(Verdicts{1} << model);
    }
  }
  return kept;
}

// Not a model less and not a model more: what a system does not promise is refuted in some run.
TEST(WeakSystems, EachKeepsWhatItPromisesAndNothingElse) {
  for (const System& system : right_systems()) {
    Verdicts promise = promised(system);
    EXPECT_EQ(names(kept_in_short_runs(system) & promise), names(promise)) << system.name;
    EXPECT_EQ(names(kept_in_long_runs(system, promise)), names(promise)) << system.name;
  }
}

TEST(WeakSystems, ToysAreFoundOut) {
  for (const System& toy : toys()) {
    Verdicts promise = promised(toy);
    EXPECT_EQ(names(kept_in_short_runs(toy) & promise), names(promise)) << toy.name;
    EXPECT_EQ(names(kept_in_long_runs(toy, promise)), names(promise)) << toy.name;
  }
}

}  // namespace
}  // namespace sunder::weak::support
