#include "tests/checker/weak/support/formulas.h"

#include <algorithm>
#include <cstdlib>

#include "harness/core/rng.h"
#include "tests/checker/weak/support/builder.h"

namespace sunder::testing_support {
namespace {

using Handle = RegistersBuilder::Handle;

/// A variable is a key that two sessions write; it is true when `yes` comes before `no`, as is a
/// literal, which is two such writes.
class Encoder {
 public:
  explicit Encoder(const Formula& formula) : formula_(formula) {}

  weak::Registers run() {
    std::vector<Choice> variables;
    for (std::uint32_t i = 0; i < formula_.variables; ++i) variables.push_back(choice());
    for (const std::vector<std::int32_t>& clause : formula_.clauses) {
      std::vector<Choice> copies;
      for (std::int32_t literal : clause) {
        Choice original = variables[static_cast<std::size_t>(std::abs(literal)) - 1];
        if (literal < 0) std::swap(original.yes, original.no);
        copies.push_back(copy(original));
      }
      forbid_all_false(copies);
    }
    return builder_.build();
  }

 private:
  struct Write {
    Handle handle = 0;
    std::int32_t signal_key = 0;  // written right after it in its session
    Handle signal = 0;
  };
  struct Choice {
    std::int32_t key = 0;
    Write yes;
    Write no;
  };

  Write write(std::int32_t key) {
    std::uint32_t session = sessions_++;
    Write made{.handle = builder_.write(session, key), .signal_key = keys_++};
    made.signal = builder_.write(session, made.signal_key);
    return made;
  }

  Choice choice() {
    Choice made{.key = keys_++};
    made.yes = write(made.key);
    made.no = write(made.key);
    return made;
  }

  // A session that knows of one write when it reads another.
  void read_after(const Write& known, std::int32_t key, const Write& read) {
    std::uint32_t session = sessions_++;
    builder_.read(session, known.signal_key, known.signal);
    builder_.read(session, key, read.handle);
  }

  // A literal that is false if the original is: each clause has copies of its own, so that its
  // reads constrain no other clause.
  Choice copy(const Choice& original) {
    Choice made = choice();
    read_after(made.no, original.key, original.no);
    read_after(original.yes, made.key, made.yes);
    return made;
  }

  // The `no` of each literal is read by one who knows of the `yes` of the one before. Were all `no`
  // first, each `yes` would wait for such a read: a circle.
  void forbid_all_false(const std::vector<Choice>& literals) {
    for (std::size_t i = 0; i < literals.size(); ++i) {
      const Choice& previous = literals[(i + literals.size() - 1) % literals.size()];
      read_after(previous.yes, literals[i].key, literals[i].no);
    }
  }

  const Formula& formula_;
  RegistersBuilder builder_;
  std::uint32_t sessions_ = 0;
  std::int32_t keys_ = 0;
};

}  // namespace

weak::Registers encode(const Formula& formula) { return Encoder(formula).run(); }

Formula random_formula(std::uint64_t seed, std::uint32_t variables, std::uint32_t clauses) {
  Rng rng(seed, Stream::of("formula"));
  Formula formula{.variables = variables, .clauses = {}};
  while (formula.clauses.size() < clauses) {
    std::vector<std::int32_t> clause;
    while (clause.size() < 3) {
      auto literal = static_cast<std::int32_t>(rng.below(variables)) + 1;
      bool taken = std::any_of(clause.begin(), clause.end(),
                               [&](std::int32_t other) { return std::abs(other) == literal; });
      if (!taken) clause.push_back(rng.below(2) == 0 ? literal : -literal);
    }
    formula.clauses.push_back(std::move(clause));
  }
  return formula;
}

bool is_satisfiable(const Formula& formula) {
  for (std::uint64_t assignment = 0; assignment >> formula.variables == 0; ++assignment) {
    auto is_true = [&](std::int32_t literal) {
      bool value = (assignment >> (std::abs(literal) - 1) & 1) != 0;
      return value == (literal > 0);
    };
    bool all = std::all_of(formula.clauses.begin(), formula.clauses.end(), [&](const auto& clause) {
      return std::any_of(clause.begin(), clause.end(), is_true);
    });
    if (all) return true;
  }
  return false;
}

}  // namespace sunder::testing_support
