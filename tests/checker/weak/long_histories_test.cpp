// What must be true of decisions on histories that are too long for the definitions.

#include <gtest/gtest.h>

#include "tests/checker/weak/support/decoded.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/systems.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

Verdicts decisions(const Registers& registers) {
  Verdicts verdicts = 0;
  for (std::size_t i = 0; i < models().size(); ++i) {
    Outcome outcome = models()[i].decide(registers, {.staleness = staleness}).outcome;
    EXPECT_NE(outcome, Outcome::unknown) << models()[i].name << " " << to_text(registers);
    if (outcome == Outcome::holds) verdicts |= Verdicts{1} << i;
  }
  return verdicts;
}

/// What some system did, in half of the cases spoilt somewhere.
Litmus some_history(Rng& rng) {
  const System& system = right_systems()[rng.below(right_systems().size())];
  Litmus litmus = run(system, 10 + rng.below(40), rng);
  if (rng.below(2) == 0) change(litmus, rng);
  return litmus;
}

Verdicts with_real_time() {
  Verdicts verdicts = 0;
  for (std::size_t i = 0; i < models().size(); ++i) {
    if (models()[i].real_time) verdicts |= Verdicts{1} << i;
  }
  return verdicts;
}

constexpr int histories = 1000;

TEST(WeakLongHistories, NoDecisionContradictsAnEdge) {
  Rng rng(1, Stream::of("long"));
  int refuted = 0;
  for (int i = 0; i < histories; ++i) {
    Litmus litmus = some_history(rng);
    Verdicts verdicts = decisions(*registers_of(litmus));
    if (verdicts != all_models()) ++refuted;
    for (std::size_t model = 0; model < models().size(); ++model) {
      if (!holds(verdicts, model)) continue;
      EXPECT_EQ(implied_by(model) & ~verdicts, 0u)
          << models()[model].name << " " << to_text(litmus);
    }
  }
  EXPECT_GT(refuted, histories / 2);
}

TEST(WeakLongHistories, TimesMatterToModelsOfRealTimeOnly) {
  Rng rng(2, Stream::of("long"));
  for (int i = 0; i < histories; ++i) {
    Litmus litmus = some_history(rng);
    Verdicts before = decisions(*registers_of(litmus));
    Litmus later = litmus;
    set_random_times(later, rng);
    // Only times change: what is not answered would not be the same history.
    for (LitmusOperation& operation : later.operations) {
      if (operation.returned == INT64_MAX) operation.returned = operation.invoked + 1;
      operation.outcome = Phase::ok;
    }
    EXPECT_EQ(before & ~with_real_time(), decisions(*registers_of(later)) & ~with_real_time())
        << to_text(litmus);
  }
}

TEST(WeakLongHistories, NamesDoNotMatter) {
  Rng rng(3, Stream::of("long"));
  for (int i = 0; i < histories; ++i) {
    Litmus litmus = some_history(rng);
    Verdicts before = decisions(*registers_of(litmus));
    for (LitmusOperation& operation : litmus.operations) {
      operation.session = litmus.sessions - 1 - operation.session;
      operation.key += "b";
      if (operation.value != 0) operation.value = 1000 - operation.value;
    }
    put_in_order(litmus);
    EXPECT_EQ(decisions(*registers_of(litmus)), before) << to_text(litmus);
    EXPECT_EQ(decisions(decoded(litmus).registers), before) << to_text(litmus);
  }
}

TEST(WeakLongHistories, APartOfWhatHoldsHolds) {
  Rng rng(4, Stream::of("long"));
  Verdicts safe = Verdicts{1} << place_of("safe");
  for (int i = 0; i < histories; ++i) {
    Registers registers = *registers_of(some_history(rng));
    Verdicts before = decisions(registers);
    auto left_out = static_cast<Index>(rng.below(registers.size()));
    // A write that goes on excuses what a safe register answers beside it.
    Verdicts excused = registers[left_out].is_write() ? safe : 0;
    EXPECT_EQ(before & ~excused & ~decisions(without(registers, left_out)), 0u)
        << to_text(registers);
  }
}

TEST(WeakLongHistories, AnAnswerLessNeverRefutesWhatHeld) {
  Rng rng(5, Stream::of("long"));
  for (int i = 0; i < histories; ++i) {
    Litmus litmus = some_history(rng);
    Verdicts before = decisions(*registers_of(litmus));
    lose_answers(litmus, rng, false);
    EXPECT_EQ(before & ~decisions(decoded(litmus).registers), 0u) << to_text(litmus);
  }
}

TEST(WeakLongHistories, WhatIsCalledPerKeyIsJudgedKeyByKey) {
  Rng rng(6, Stream::of("long"));
  for (int i = 0; i < histories; ++i) {
    Registers registers = *registers_of(some_history(rng));
    Verdicts whole = decisions(registers);
    Verdicts each = all_models();
    for (std::int32_t key = 0; key < registers.keys; ++key) {
      std::vector<Index> kept;
      for (Index at = 0; at < registers.size(); ++at) {
        if (registers[at].key == key) kept.push_back(at);
      }
      each &= decisions(restrict(registers, kept));
    }
    for (std::size_t model = 0; model < models().size(); ++model) {
      if (!models()[model].per_key) continue;
      EXPECT_EQ(holds(whole, model), holds(each, model))
          << models()[model].name << " " << to_text(registers);
    }
  }
}

}  // namespace
}  // namespace sunder::weak::support
