// The decisions against the definitions: all small histories, and many random ones.

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <map>

#include "tests/checker/support/asked.h"
#include "tests/checker/weak/support/enumerate.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/litmus_file.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

using testing_support::histories_asked;

/// What was compared, and the first few disagreements.
class Comparison {
 public:
  void compare(const Registers& registers) {
    for (const Model& model : models()) {
      compare(registers, model, keeps(model.name, registers));
    }
  }

  void compare(const Registers& registers, const Model& model, bool expected) {
    Outcome outcome = model.decide(registers, {.staleness = staleness}).outcome;
    ++decided_[{model.name, outcome}];
    if (outcome == (expected ? Outcome::holds : Outcome::refuted)) return;
    if (++disagreements_[model.name] > 3) return;
    std::string verdict = outcome == Outcome::unknown ? "is undecided" : "is wrong";
    ADD_FAILURE() << model.name << " " << verdict << ": " << to_text(registers)
                  << (expected ? " holds" : " is refuted") << " by definition";
  }

  /// Both answers were needed, for each model that can give both.
  void expect_both_answers(std::uint64_t least) const {
    for (const Model& model : models()) {
      for (Outcome outcome : {Outcome::holds, Outcome::refuted}) {
        if (model.name == "eventual" && outcome == Outcome::refuted) continue;
        auto found = decided_.find({model.name, outcome});
        EXPECT_GE(found == decided_.end() ? 0 : found->second, least) << model.name;
      }
    }
  }

 private:
  std::map<std::pair<std::string_view, Outcome>, std::uint64_t> decided_;
  std::map<std::string_view, std::uint64_t> disagreements_;
};

// SUNDER_EXHAUSTIVE says to how many operations.
TEST(WeakAgreement, OnAllSmallHistories) {
  const char* asked = std::getenv("SUNDER_EXHAUSTIVE");
  std::size_t operations_max = asked == nullptr ? 5 : std::strtoul(asked, nullptr, 10);
  Comparison comparison;
  for (std::size_t operations = 0; operations <= operations_max; ++operations) {
    each_history({.operations = operations},
                 [&](const Registers& registers) { comparison.compare(registers); });
  }
  comparison.expect_both_answers(1000);
}

TEST(WeakAgreement, OnAllTimingsOfSmallHistories) {
  Comparison comparison;
  std::map<std::vector<std::size_t>, std::vector<Timing>> known;
  Rng rng(5, Stream::of("timings"));
  for (std::size_t operations = 2; operations <= 5; ++operations) {
    std::uint64_t share = operations < 4 ? 1 : operations == 4 ? 8 : 400;
    each_history({.operations = operations}, [&](Registers registers) {
      std::vector<std::size_t> lengths = session_lengths(registers);
      auto [at, is_new] = known.try_emplace(lengths);
      if (is_new) at->second = timings(lengths);
      for (const Timing& timing : at->second) {
        if (rng.below(share) != 0) continue;
        set_timing(registers, timing, rng.below(2) == 0 ? 1 : 20);
        for (const Model& model : models()) {
          if (!model.real_time) continue;
          comparison.compare(registers, model, keeps(model.name, registers));
        }
      }
    });
  }
}

TEST(WeakAgreement, OnRandomHistories) {
  Comparison comparison;
  std::uint64_t histories = histories_asked(20'000);
  Rng rng(1, Stream::of("agreement"));
  for (std::uint64_t i = 0; i < histories; ++i) {
    comparison.compare(*registers_of(random_litmus(rng, 5 + rng.below(4))));
  }
  comparison.expect_both_answers(histories / 500);
}

/// A history that separates models is changed here and there.
TEST(WeakAgreement, OnHistoriesNearTheLattice) {
  Comparison comparison;
  std::vector<Litmus> known;
  for (const LitmusFile& file : litmus_files()) {
    Litmus litmus = *parse_litmus(file.history);
    if (registers_of(litmus)) known.push_back(litmus);
  }
  std::uint64_t histories = histories_asked(20'000);
  Rng rng(2, Stream::of("agreement"));
  for (std::uint64_t i = 0; i < histories; ++i) {
    Litmus litmus = known[rng.below(known.size())];
    for (std::uint64_t changes = 1 + rng.below(4); changes > 0; --changes) change(litmus, rng);
    Registers registers = *registers_of(litmus);
    if (registers.size() <= 10) comparison.compare(registers);
  }
  comparison.expect_both_answers(histories / 500);
}

}  // namespace
}  // namespace sunder::weak::support
