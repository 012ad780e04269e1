// The definitions themselves: what the literature says of its histories, and what they may rely on.

#include <gtest/gtest.h>

#include "tests/checker/weak/support/enumerate.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

bool keeps_text(std::string_view model, std::string_view text) {
  return keeps(model, registers_of(text));
}

struct Known {
  const char* history;
  const char* keeps;  // models, blanks between them
  const char* breaks;
};

// By hand, from the papers named in models.cpp: what the definitions must say, whatever they are.
constexpr Known literature[] = {
    {"w(x1) r(y0) | w(y1) r(x0)", "cache causal-memory causal-convergence pram", "sequential"},
    {"w(x1) w(y1) | r(y1) r(x0)", "cache slow read-your-writes monotonic-reads",
     "pram causal monotonic-writes consistent-prefix"},
    {"w(x1) | r(x1) w(y1) | r(y1) r(x0)", "pram processor cache monotonic-writes monotonic-reads",
     "causal writes-follow-reads consistent-prefix"},
    {"w(x1) | w(y1) | r(x1) r(y0) | r(y1) r(x0)", "causal-memory causal-convergence processor",
     "sequential consistent-prefix"},
    {"w(x1) | r(x1) w(y1) | r(y1) w(z1) | r(z1) r(x0)",
     "read-your-writes monotonic-reads monotonic-writes writes-follow-reads", "causal"},
    {"w(z1) w(x1) w(y1) | w(x2) r(z0) r(y1) r(x2)", "causal-convergence", "pram causal-memory"},
    {"w(x1) r(x2) | w(x2) r(x1)", "causal-memory pram", "causal-convergence cache"},
    {"w(x1) | w(x2) | r(x1) r(x2) r(x1)", "causal", "monotonic-reads causal-memory slow"},
    {"w(x1) | r(x1) r(x0)", "read-your-writes writes-follow-reads", "monotonic-reads slow"},
    {"w(x1) r(x0)", "consistent-prefix monotonic-reads", "read-your-writes slow causal"},
    {"r(x1) w(y1) | r(y1) w(x1)", "processor cache", "causal read-your-writes consistent-prefix"},
    {"w(x1)@0-9 | r(x1)@1-2 | r(x0)@3-4", "regular real-time-causal", "linearizable"},
    {"w(x1)@0-1 | r(x0)@2-3", "ordered-sequential bounded-staleness", "regular safe"},
    {"w(x1)@0-1 | r(x0)@20-21", "ordered-sequential", "bounded-staleness"},
    {"w(x1)@0-1 | w(x2)@2-9 | r(x0)@4-5", "safe", "regular"},
    {"w(x1)@0-1 | w(x2)@2-3 | r(x2)@4-5 r(x1)@6-7", "sequential", "real-time-causal"},
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found(1);
  for (char c : text) {
    if (c == ' ') {
      found.emplace_back();
    } else {
      found.back() += c;
    }
  }
  return found;
}

TEST(WeakDefinition, SaysWhatTheLiteratureSays) {
  for (const Known& known : literature) {
    for (const std::string& model : words(known.keeps)) {
      EXPECT_TRUE(keeps_text(model, known.history)) << model << " " << known.history;
    }
    for (const std::string& model : words(known.breaks)) {
      EXPECT_FALSE(keeps_text(model, known.history)) << model << " " << known.history;
    }
  }
}

// Posets are counted by A001035.
TEST(WeakDefinition, AllPartialOrdersAreKnown) {
  EXPECT_EQ(partial_orders(3).size(), 19u);
  EXPECT_EQ(partial_orders(4).size(), 219u);
  EXPECT_EQ(partial_orders(5).size(), 4231u);
}

// Labelled interval orders are counted by A079144.
TEST(WeakDefinition, AllRelationsOfRealTimeAreKnown) {
  EXPECT_EQ(timings({1, 1, 1}).size(), 19u);
  EXPECT_EQ(timings({1, 1, 1, 1}).size(), 207u);
  EXPECT_EQ(timings({5}).size(), 1u);
}

// Causality may be any partial order that contains session order and reads-from, if the least one
// is as good as all others.
TEST(WeakDefinition, TheLeastCausalOrderIsTheBest) {
  std::uint64_t compared = 0;
  for (std::size_t operations = 1; operations <= 5; ++operations) {
    std::vector<Relation> orders = partial_orders(operations);
    each_history({.operations = operations}, [&](const Registers& registers) {
      Relation least = causal_order(registers);
      for (std::string_view model : {"causal", "causal-convergence", "causal-memory"}) {
        if (keeps(model, registers) || least.relates_one_to_itself()) continue;
        for (const Relation& order : orders) {
          if (!order.contains_all(least)) continue;
          ++compared;
          ASSERT_FALSE(keeps_with(model, registers, order)) << model << " " << to_text(registers);
        }
      }
    });
  }
  EXPECT_GT(compared, 10'000u);
}

TEST(WeakDefinition, SomeModelsAllowACircleOfCausality) {
  std::string keepers;
  for (const Model& model : models()) {
    if (!keeps_text(model.name, "r(x1) w(y1) | r(y1) w(x1)")) continue;
    keepers += std::string(model.name) + " ";
  }
  EXPECT_EQ(keepers, "processor pram cache slow eventual ");
}

TEST(WeakDefinition, NoModelWithoutRealTimeLooksAtTimes) {
  Rng rng(3, Stream::of("times"));
  for (int i = 0; i < 3000; ++i) {
    Litmus litmus = random_litmus(rng, 2 + rng.below(6));
    Verdicts before = verdicts_of(*registers_of(litmus));
    set_random_times(litmus, rng);
    Verdicts after = verdicts_of(*registers_of(litmus));
    for (std::size_t model = 0; model < models().size(); ++model) {
      if (models()[model].real_time) continue;
      EXPECT_EQ(holds(before, model), holds(after, model))
          << models()[model].name << " " << to_text(litmus);
    }
  }
}

TEST(WeakDefinition, WhatIsCalledPerKeyIsJudgedKeyByKey) {
  Rng rng(4, Stream::of("keys"));
  for (int i = 0; i < 3000; ++i) {
    Registers registers = *registers_of(random_litmus(rng, 2 + rng.below(6)));
    for (const Model& model : models()) {
      if (!model.per_key) continue;
      bool each = true;
      for (std::int32_t key = 0; key < registers.keys; ++key) {
        std::vector<Index> kept;
        for (Index at = 0; at < registers.size(); ++at) {
          if (registers[at].key == key) kept.push_back(at);
        }
        each = each && keeps(model.name, restrict(registers, kept));
      }
      EXPECT_EQ(keeps(model.name, registers), each) << model.name << " " << to_text(registers);
    }
  }
}

// Safe registers apart: a write that goes on excuses the reads beside it.
TEST(WeakDefinition, APartOfWhatHoldsHolds) {
  Rng rng(5, Stream::of("parts"));
  for (int i = 0; i < 3000; ++i) {
    Registers registers = *registers_of(random_litmus(rng, 2 + rng.below(6)));
    Verdicts whole = verdicts_of(registers);
    for (Index left_out = 0; left_out < registers.size(); ++left_out) {
      Verdicts part = verdicts_of(without(registers, left_out));
      for (std::size_t model = 0; model < models().size(); ++model) {
        bool excused = models()[model].name == "safe" && registers[left_out].is_write();
        EXPECT_TRUE(excused || !holds(whole, model) || holds(part, model))
            << models()[model].name << " " << to_text(registers);
      }
    }
  }
}

TEST(WeakDefinition, ForgettingAWriteMayRefuteASafeRegister) {
  EXPECT_TRUE(keeps_text("safe", "w(x1)@0-1 | w(x2)@2-5 | r(x0)@3-4"));
  EXPECT_FALSE(keeps_text("safe", "w(x1)@0-1 | r(x0)@3-4"));
}

}  // namespace
}  // namespace sunder::weak::support
