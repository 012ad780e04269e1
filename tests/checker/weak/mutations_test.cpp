// What systems did is spoilt in small ways: the models that it breaks notice, and no others.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/checker/weak/support/decoded.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/systems.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {
namespace {

/// Spoils a history, or says that there is nothing to spoil. The values of a key grow in the order
/// in which its writes took effect.
struct Mutation {
  std::string_view name;
  bool (*spoil)(Litmus& litmus, Rng& rng);
};

LitmusOperation* some(Litmus& litmus, Kind kind, Rng& rng) {
  std::vector<LitmusOperation*> found;
  for (LitmusOperation& operation : litmus.operations) {
    if (operation.kind == kind) found.push_back(&operation);
  }
  return found.empty() ? nullptr : found[rng.below(found.size())];
}

int last_value(const Litmus& litmus, const std::string& key) {
  int last = 0;
  for (const LitmusOperation& operation : litmus.operations) {
    if (operation.kind == Kind::write && operation.key == key) {
      last = std::max(last, operation.value);
    }
  }
  return last;
}

bool stale_value(Litmus& litmus, Rng& rng) {
  LitmusOperation* read = some(litmus, Kind::read, rng);
  if (read == nullptr || read->value == 0) return false;
  read->value = static_cast<int>(rng.below(static_cast<std::uint64_t>(read->value)));
  return true;
}

bool later_value(Litmus& litmus, Rng& rng) {
  LitmusOperation* read = some(litmus, Kind::read, rng);
  if (read == nullptr) return false;
  int last = last_value(litmus, read->key);
  if (read->value == last) return false;
  read->value += 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(last - read->value)));
  return true;
}

/// Nobody sees the write: what was there before it stays.
bool lost_write(Litmus& litmus, Rng& rng) {
  LitmusOperation* write = some(litmus, Kind::write, rng);
  if (write == nullptr) return false;
  bool was_read = false;
  for (LitmusOperation& read : litmus.operations) {
    if (read.kind != Kind::read || read.key != write->key || read.value != write->value) continue;
    read.value = write->value - 1;
    was_read = true;
  }
  return was_read;
}

/// Two operations of a session change places.
bool swapped_order(Litmus& litmus, Rng& rng) {
  std::size_t at = rng.below(litmus.operations.size());
  if (at == 0 || litmus.operations[at - 1].session != litmus.operations[at].session) return false;
  LitmusOperation& first = litmus.operations[at - 1];
  LitmusOperation& second = litmus.operations[at];
  std::swap(first, second);
  std::swap(first.invoked, second.invoked);
  std::swap(first.returned, second.returned);
  return true;
}

/// An operation is said to be another session's.
bool other_session(Litmus& litmus, Rng& rng) {
  if (litmus.sessions < 2) return false;
  LitmusOperation& moved = litmus.operations[rng.below(litmus.operations.size())];
  std::uint64_t further = 1 + rng.below(litmus.sessions - 1);
  moved.session = static_cast<std::uint32_t>((moved.session + further) % litmus.sessions);
  put_in_order(litmus);
  return true;
}

/// A session's operations come after all others.
bool late_session(Litmus& litmus, Rng& rng) {
  if (litmus.sessions < 2) return false;
  std::uint64_t late = rng.below(litmus.sessions);
  for (LitmusOperation& operation : litmus.operations) {
    if (operation.session != late) continue;
    operation.invoked += 10'000;
    operation.returned += 10'000;
  }
  return true;
}

constexpr Mutation mutations[] = {
    {"stale value", stale_value},     {"later value", later_value},
    {"lost write", lost_write},       {"swapped order", swapped_order},
    {"other session", other_session}, {"late session", late_session},
};

/// Whether a session's operations do not overlap.
bool is_possible(const Litmus& litmus) {
  for (std::size_t i = 1; i < litmus.operations.size(); ++i) {
    const LitmusOperation& before = litmus.operations[i - 1];
    const LitmusOperation& after = litmus.operations[i];
    if (before.session == after.session && before.returned >= after.invoked) return false;
  }
  return true;
}

struct Score {
  int mutants = 0;
  int broken = 0;  // by definition, what the system promises
  int caught = 0;  // of them, by the decisions
};

Verdicts promised(const System& system) {
  Verdicts verdicts = 0;
  for (std::string_view model : system.keeps) verdicts |= Verdicts{1} << place_of(model);
  return verdicts;
}

Verdicts decisions(const Registers& registers) {
  Verdicts verdicts = 0;
  for (std::size_t i = 0; i < models().size(); ++i) {
    Outcome outcome = models()[i].decide(registers, {.staleness = staleness}).outcome;
    EXPECT_NE(outcome, Outcome::unknown) << models()[i].name << " " << to_text(registers);
    if (outcome == Outcome::holds) verdicts |= Verdicts{1} << i;
  }
  return verdicts;
}

Score score_of(const System& system, const Mutation& mutation, int histories) {
  Rng rng(1, Stream::of(std::string(system.name) + std::string(mutation.name)));
  Score score;
  for (int i = 0; i < histories; ++i) {
    Litmus litmus = run(system, 5 + rng.below(5), rng);
    if (!mutation.spoil(litmus, rng) || !is_possible(litmus)) continue;
    Registers registers = *registers_of(litmus);
    Verdicts expected = verdicts_of(registers);
    Verdicts found = decisions(registers);
    EXPECT_EQ(found, expected) << to_text(registers);
    ++score.mutants;
    if ((promised(system) & ~expected) == 0) continue;
    ++score.broken;
    if ((promised(system) & ~found) != 0) ++score.caught;
  }
  return score;
}

TEST(WeakMutations, AreCaughtByTheModelsThatTheyBreak) {
  std::string table = "mutants / that break what the system keeps / caught\n";
  for (const Mutation& mutation : mutations) {
    int broken = 0;
    table += std::string(mutation.name) + ":\n";
    for (const System& system : right_systems()) {
      Score score = score_of(system, mutation, 300);
      EXPECT_EQ(score.caught, score.broken) << system.name << ", " << mutation.name;
      EXPECT_GT(score.mutants, 0) << system.name << ", " << mutation.name;
      broken += score.broken;
      table += "  " + std::to_string(score.mutants) + " / " + std::to_string(score.broken) + " / " +
               std::to_string(score.caught) + "  " + std::string(system.name) + "\n";
    }
    EXPECT_GT(broken, 50) << mutation.name;
  }
  if (std::getenv("SUNDER_MUTATIONS") != nullptr) std::fputs(table.c_str(), stdout);
}

/// A value from nowhere breaks all models: the decoder finds it, whatever else there is.
TEST(WeakMutations, AValueFromNowhereIsFound) {
  Rng rng(1, Stream::of("phantom"));
  for (const System& system : right_systems()) {
    for (int i = 0; i < 50; ++i) {
      Litmus litmus = run(system, 5 + rng.below(5), rng);
      LitmusOperation* read = some(litmus, Kind::read, rng);
      if (read == nullptr) continue;
      read->value = 99;
      EXPECT_EQ(decoded(litmus).unwritten.size(), 1u) << to_text(litmus);
    }
  }
}

}  // namespace
}  // namespace sunder::weak::support
