// The monitors against the definition, and their proofs against the verifier.

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "checker/linearizable/decide.h"
#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/verify.h"
#include "tests/checker/support/datatype_calls.h"
#include "tests/checker/support/exhaustive.h"
#include "tests/checker/support/random_calls.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::at_random_moments;
using testing_support::make_datatype;

struct Subject {
  const char* datatype;
  std::vector<Call> (*calls)(Rng& rng);
  std::int32_t unknown = 0;  // the output of a crashed take
  bool refutes = true;       // false: what is not linearizable is left to the search
};

std::ostream& operator<<(std::ostream& out, const Subject& subject) {
  return out << subject.datatype;
}

std::string told(const Datatype& datatype, const Operations& operations) {
  std::string text;
  for (const Operation& operation : operations) {
    text += "\n  " + std::to_string(operation.invoked) + " .. " +
            (operation.crashed() ? "?" : std::to_string(operation.returned)) + " " +
            datatype.describe(operation.call, operation.crashed());
  }
  return text;
}

/// How often each answer was given.
struct Tally {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  std::size_t undecided = 0;
};

/// What Recorder would pass on of these: crashed observations are left out, and of other crashed
/// calls the answers are unknown.
Operations as_recorded(Operations operations, const Model& model, const Subject& subject) {
  bool container = subject.calls == testing_support::container_calls;
  std::erase_if(operations, [&](const Operation& operation) {
    return operation.crashed() && model.observes(operation.call);
  });
  for (Operation& operation : operations) {
    if (!operation.crashed()) continue;
    Call& call = operation.call;
    if (subject.calls == testing_support::set_calls) {
      bool adds = call.verb == set_verb::add || call.verb == set_verb::add_any;
      call.verb = adds ? set_verb::add_any : set_verb::remove_any;
    }
    if (container && call.verb == container_verb::take) call.output = subject.unknown;
  }
  return operations;
}

class Monitors : public testing::TestWithParam<Subject> {
 protected:
  void agree(std::uint64_t count, std::uint32_t crash_per_mille, Tally& tally) {
    std::unique_ptr<Datatype> datatype = make_datatype(GetParam().datatype);
    for (std::int64_t value = 1; value < 10; ++value) datatype->values().intern(Value(value));
    for (std::uint64_t seed = 0; seed < count; ++seed) {
      Rng rng(seed, Stream::of(GetParam().datatype));
      std::unique_ptr<Model> model = datatype->model();
      Operations operations = as_recorded(
          at_random_moments(rng, GetParam().calls(rng), crash_per_mille), *model, GetParam());
      Decision decision = datatype->monitor(operations, true);
      bool expected = testing_support::linearizable_by_trying(*model, operations);
      if (decision.outcome == Decision::Outcome::undecided) {
        ++(GetParam().refutes ? tally.undecided : tally.invalid);
        ASSERT_TRUE(GetParam().refutes || !expected)
            << "seed " << seed << told(*datatype, operations);
        continue;
      }
      ++(expected ? tally.valid : tally.invalid);
      ASSERT_EQ(decision.outcome == Decision::Outcome::linearizable, expected)
          << "seed " << seed << " " << decision.pattern.name << told(*datatype, operations);
      Judgement judgement{.outcome = decision.outcome, .by_monitor = true};
      judgement.pattern = decision.pattern;
      judgement.witness = decision;
      ASSERT_EQ(verify(prove(operations, judgement), operations, *datatype, *model).flaw, "")
          << "seed " << seed << " " << decision.pattern.name << told(*datatype, operations);
    }
  }

  static std::uint64_t count() {
    const char* wanted = std::getenv("SUNDER_AGREEMENT");
    return wanted == nullptr ? 20'000 : std::strtoull(wanted, nullptr, 10);
  }
};

TEST_P(Monitors, agree_with_the_definition) {
  Tally tally;
  agree(count(), 0, tally);
  EXPECT_GT(tally.valid, count() / 20);
  EXPECT_GT(tally.invalid, count() / 20);
  EXPECT_LT(tally.undecided, count() / 20);
}

TEST_P(Monitors, agree_with_the_definition_when_calls_crash) {
  Tally tally;
  agree(count(), 250, tally);
  EXPECT_GT(tally.valid, count() / 20);
  EXPECT_GT(tally.invalid, count() / 20);
  EXPECT_LT(tally.undecided, count() / 2);
  RecordProperty("undecided", static_cast<int>(tally.undecided));
}

/// Patterns with operations picked at random, most of them those of a real one.
TEST_P(Monitors, wrong_patterns_prove_nothing) {
  std::unique_ptr<Datatype> datatype = make_datatype(GetParam().datatype);
  for (std::int64_t value = 1; value < 10; ++value) datatype->values().intern(Value(value));
  std::set<std::string> names;
  std::size_t tried = 0;
  for (std::uint64_t seed = 0; seed < 2 * count(); ++seed) {
    Rng rng(seed, Stream::of("wrong-patterns"));
    std::unique_ptr<Model> model = datatype->model();
    Operations operations = as_recorded(
        at_random_moments(rng, GetParam().calls(rng), seed % 2 == 0 ? 0 : 250), *model, GetParam());
    Decision decision = datatype->monitor(operations, false);
    if (decision.outcome == Decision::Outcome::not_linearizable) {
      names.insert(decision.pattern.name);
    }
    if (decision.outcome != Decision::Outcome::linearizable || operations.empty()) continue;
    for (const std::string& name : names) {
      std::vector<std::uint32_t> cited(1 + rng.below(6));
      for (std::uint32_t& i : cited) i = static_cast<std::uint32_t>(rng.below(operations.size()));
      ++tried;
      ASSERT_NE(datatype->disprove({name, operations, cited}), "")
          << "seed " << seed << " " << name << told(*datatype, operations);
    }
  }
  EXPECT_TRUE(names.size() > 3u || !GetParam().refutes);
  EXPECT_TRUE(tried > count() || !GetParam().refutes);
}

INSTANTIATE_TEST_SUITE_P(
    All, Monitors,
    testing::Values(
        Subject{.datatype = "counter", .calls = testing_support::counter_calls, .refutes = false},
        Subject{.datatype = "mutex", .calls = testing_support::lock_calls, .refutes = false},
        Subject{"set", testing_support::set_calls},
        Subject{"cas-register", testing_support::register_calls},
        Subject{"fifo-queue", testing_support::container_calls},
        Subject{"stack", testing_support::container_calls},
        Subject{"priority-queue", testing_support::container_calls,
                container_verb::unknown_integer}));

}  // namespace
}  // namespace sunder
