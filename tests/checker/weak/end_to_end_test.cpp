// From recorded ops to verdicts and contradictions, on small histories whose truth is known.

#include <gtest/gtest.h>

#include "checker/weak/place.h"
#include "checker/weak/reduce.h"
#include "tests/checker/support/asked.h"
#include "tests/checker/weak/support/decoded.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

/// The operations in order of their calls, told by the places of calls and answers only.
std::vector<std::string> told(const Registers& registers) {
  std::vector<std::string> lines;
  auto place = [&](Index at) {
    return at == initial ? "-" : std::to_string(registers[at].invoked);
  };
  for (Index i = 0; i < registers.size(); ++i) {
    const Operation& operation = registers[i];
    std::string line = place(i) + (operation.is_read() ? " reads from " : " writes over ") +
                       place(operation.source) + " after " +
                       place(registers.has_previous(i) ? i - 1 : initial) + " until " +
                       std::to_string(operation.returned) + " times " +
                       std::to_string(operation.invoked_at) + " " +
                       std::to_string(operation.returned_at) + " same key:";
    for (Index other = 0; other < registers.size(); ++other) {
      if (registers[other].key == operation.key) line += " " + place(other);
    }
    if (!registers.pending_since.empty()) {
      line += " pending since " +
              std::to_string(registers.pending_since[static_cast<std::size_t>(operation.key)]);
    }
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// Sessions stand in the order of the text here and in the order of their first calls there, and
/// so do the operations of a key: numbers are put in order before they are compared.
std::vector<std::string> sorted_words(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    std::size_t keys = line.find("same key:") + 9;
    std::size_t end = std::min(line.find(" pending"), line.size());
    std::vector<std::string> words;
    std::string word;
    for (char c : line.substr(keys, end - keys) + " ") {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::exchange(word, ""));
      }
    }
    std::sort(words.begin(), words.end());
    std::string sorted;
    for (const std::string& one : words) sorted += " " + one;
    line.replace(keys, end - keys, sorted);
  }
  return lines;
}

TEST(WeakEndToEnd, ADecodedHistoryIsWhatItsTextSays) {
  Rng rng(1, Stream::of("decode"));
  int unwritten = 0;
  int pending = 0;
  for (std::uint64_t left = testing_support::histories_asked(20'000); left > 0; --left) {
    Litmus litmus = random_litmus(rng, 1 + rng.below(8));
    lose_answers(litmus, rng, true);
    Decoded from_ops = decoded(litmus);
    EXPECT_EQ(from_ops.trouble, "") << to_text(litmus);
    Result<Registers> from_text = registers_of(litmus);
    EXPECT_EQ(static_cast<bool>(from_text), from_ops.unwritten.empty()) << to_text(litmus);
    if (!from_text) ++unwritten;
    if (!from_text || !from_ops.unwritten.empty()) continue;
    if (!from_text->pending_since.empty()) ++pending;
    EXPECT_EQ(sorted_words(told(*from_text)), sorted_words(told(from_ops.registers)))
        << to_text(litmus);
  }
  EXPECT_GT(unwritten, 500);
  EXPECT_GT(pending, 500);
}

TEST(WeakEndToEnd, DecisionsOnDecodedHistoriesAreTheDefinitions) {
  Rng rng(2, Stream::of("decode"));
  for (std::uint64_t left = testing_support::histories_asked(5000); left > 0; --left) {
    Litmus litmus = random_litmus(rng, 4 + rng.below(5));
    lose_answers(litmus, rng, true);
    Result<Registers> registers = registers_of(litmus);
    if (!registers) continue;
    Verdicts expected = verdicts_of(*registers);
    Placement placement = place(decoded(litmus).registers, {.staleness = staleness});
    for (std::size_t model = 0; model < models().size(); ++model) {
      const Placed& placed = placement.models[model];
      EXPECT_EQ(placed.outcome, holds(expected, model) ? Outcome::holds : Outcome::refuted)
          << models()[model].name << " " << to_text(litmus);
      ASSERT_NE(placed.by, nullptr);
      const Model& implies_or_is = placed.outcome == Outcome::holds ? *placed.by : *placed.model;
      const Model& implied = placed.outcome == Outcome::holds ? *placed.model : *placed.by;
      EXPECT_TRUE(implies(implies_or_is, implied)) << to_text(litmus);
    }
  }
}

TEST(WeakEndToEnd, AnAnswerLessNeverRefutesWhatHeld) {
  Rng rng(3, Stream::of("decode"));
  for (std::uint64_t left = testing_support::histories_asked(5000); left > 0; --left) {
    Litmus litmus = random_litmus(rng, 3 + rng.below(6));
    Verdicts before = verdicts_of(*registers_of(litmus));
    std::string whole = to_text(litmus);
    lose_answers(litmus, rng, false);
    Registers registers = decoded(litmus).registers;
    for (std::size_t model = 0; model < models().size(); ++model) {
      if (!holds(before, model)) continue;
      Outcome outcome = models()[model].decide(registers, {.staleness = staleness}).outcome;
      EXPECT_EQ(outcome, Outcome::holds)
          << models()[model].name << ": " << whole << ", and " << to_text(litmus);
    }
  }
}

/// What a constraint says, by the definitions. What models know besides is not looked at.
bool is_true(const Registers& registers, const Constraint& constraint) {
  Index before = constraint.before;
  Index after = constraint.after;
  if (before == initial) return after != initial;
  if (after == initial) return constraint.why == Why::overwritten;
  switch (constraint.why) {
    case Why::session: return session_order(registers).has(before, after);
    case Why::reads_from: return reads_from(registers).has(before, after);
    case Why::real_time: return real_time(registers).has(before, after);
    case Why::causality: return causal_order(registers).has(before, after);
    case Why::overwritten:
      return registers[before].is_write() && registers[before].key == registers[after].key &&
             (constraint.because == initial || registers[constraint.because].source == after);
    case Why::antidependency:
      return registers[before].is_read() && registers[after].is_write() &&
             registers[before].key == registers[after].key && registers[before].source != after;
  }
  return false;
}

std::string told_circle(const std::vector<Constraint>& circle) {
  std::string text;
  auto number = [](Index at) { return at == initial ? "-" : std::to_string(at); };
  for (const Constraint& one : circle) {
    text += " " + number(one.before) + ">" + number(one.after) + " why " +
            std::to_string(static_cast<int>(one.why)) + " because " + number(one.because);
  }
  return text;
}

void check_finding(const Model& model, const Registers& registers, const Finding& finding) {
  std::string text =
      std::string(model.name) + " " + to_text(registers) + " circle:" + told_circle(finding.circle);
  ASSERT_TRUE(std::is_sorted(finding.core.begin(), finding.core.end())) << text;
  ASSERT_FALSE(finding.core.empty()) << text;
  EXPECT_FALSE(keeps(model.name, restrict(registers, finding.core))) << text;
  EXPECT_FALSE(finding.circle.empty() && finding.reason.empty()) << text;
  for (std::size_t i = 0; i < finding.circle.size(); ++i) {
    const Constraint& next = finding.circle[(i + 1) % finding.circle.size()];
    // A write before the initial one stands alone: that the initial one is the first goes without
    // saying.
    bool alone = finding.circle.size() == 1 && finding.circle[i].after == initial;
    EXPECT_TRUE(alone || finding.circle[i].after == next.before) << text;
    EXPECT_TRUE(is_true(registers, finding.circle[i])) << text << " step " << i;
  }
}

TEST(WeakEndToEnd, ARefutationNamesWhatRefutes) {
  Rng rng(4, Stream::of("findings"));
  std::map<std::string_view, int> circles;
  for (int i = 0; i < 5000; ++i) {
    Registers registers = *registers_of(random_litmus(rng, 3 + rng.below(7)));
    for (const Model& model : models()) {
      Finding finding = model.decide(registers, {.staleness = staleness});
      if (finding.outcome != Outcome::refuted) continue;
      check_finding(model, registers, finding);
      if (!finding.circle.empty()) ++circles[model.name];
    }
  }
  EXPECT_GT(circles["causal-convergence"], 100);
}

TEST(WeakEndToEnd, AContradictionHasNoOperationTooMany) {
  Rng rng(5, Stream::of("contradictions"));
  int refuted = 0;
  int minimal = 0;
  for (int i = 0; i < 1500; ++i) {
    Registers registers = *registers_of(random_litmus(rng, 4 + rng.below(6)));
    for (const Model& model : models()) {
      Limits limits{.staleness = staleness};
      Finding finding = model.decide(registers, limits);
      if (finding.outcome != Outcome::refuted) continue;
      Contradiction small = reduce(model, registers, finding, limits);
      std::string text = std::string(model.name) + " " + to_text(registers);
      Registers part = restrict(registers, small.operations);
      EXPECT_FALSE(keeps(model.name, part)) << text;
      check_finding(model, part, small.finding);
      ++refuted;
      if (small.minimal) ++minimal;
      for (Index at = 0; small.minimal && at < part.size(); ++at) {
        Registers rest = without(part, at);
        // A read of a write that is left out goes with it.
        EXPECT_TRUE(keeps(model.name, rest)) << text << " needs no operation " << at;
      }
    }
  }
  EXPECT_GT(minimal, 1000);
  EXPECT_GT(10 * minimal, 9 * refuted);
}

}  // namespace
}  // namespace sunder::weak::support
