// Every datatype: what the engine and the monitors decide of small random histories is what the
// definition says, and their proofs hold. SUNDER_AGREEMENT=100000 tries that many of each datatype.

#include <gtest/gtest.h>

#include <cstdlib>

#include "checker/linearizable/decide.h"
#include "checker/linearizable/record.h"
#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/verify.h"
#include "tests/checker/support/exhaustive.h"
#include "tests/checker/support/small_histories.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::small_history;
using testing_support::small_loads;
using testing_support::SmallHistory;
using testing_support::SmallLoad;

std::uint64_t histories_each() {
  const char* wanted = std::getenv("SUNDER_AGREEMENT");
  return wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
}

std::string text_of(const SmallHistory& made) {
  std::string text;
  for (const auto& [name, value] : made.options) text += name + "=" + value + "\n";
  for (std::size_t i = 0; i < made.history.size(); ++i) {
    text += describe(made.history[i].op()) + "\n";
  }
  return text;
}

Operations operations_of(Datatype& datatype, const History& history) {
  Recorder recorder(datatype, false);
  for (std::size_t i = 0; i < history.size(); ++i) recorder.feed(history[i]);
  EXPECT_EQ(recorder.trouble(), "");
  std::vector<Partition> partitions = recorder.take(false);
  return partitions.empty() ? Operations{} : std::move(partitions.front().operations);
}

std::string disagreement(const Datatype& datatype, const Operations& operations, bool expected,
                         bool use_monitors) {
  Judgement judgement =
      decide(datatype, operations, Budget{}, {.wants_order = true, .use_monitors = use_monitors});
  if (!judgement.decided()) return "undecided: " + judgement.reason;
  if ((judgement.outcome == Decision::Outcome::linearizable) != expected) {
    return judgement.pattern.name + (expected ? " refutes" : " accepts");
  }
  std::unique_ptr<Model> model = datatype.model();
  return verify(prove(operations, judgement), operations, datatype, *model).flaw;
}

class Agreement : public testing::TestWithParam<std::size_t> {};  // an index of small_loads()

TEST_P(Agreement, with_the_definition) {
  const SmallLoad& load = small_loads()[GetParam()];
  std::uint64_t total = histories_each();
  std::uint64_t bad = 0;
  std::uint64_t by_monitor = 0;
  for (std::uint64_t seed = 0; seed < total; ++seed) {
    SmallHistory made = small_history(load, seed);
    auto datatype = testing_support::make_datatype(load.datatype, made.options);
    Operations operations = operations_of(*datatype, made.history);
    std::unique_ptr<Model> model = datatype->model();
    bool expected = testing_support::linearizable_by_trying(*model, operations);
    bad += expected ? 0 : 1;
    ASSERT_TRUE(expected || !made.right) << "seed " << seed << "\n" << text_of(made);
    bool monitored = datatype->monitor(operations, true).outcome != Decision::Outcome::undecided;
    by_monitor += monitored ? 1 : 0;
    for (bool use_monitors : {false, true}) {
      if (use_monitors && !monitored) continue;
      ASSERT_EQ(disagreement(*datatype, operations, expected, use_monitors), "")
          << (use_monitors ? "monitor" : "search") << ", seed " << seed << "\n"
          << text_of(made);
    }
  }
  RecordProperty("bad", std::to_string(bad));
  RecordProperty("by_monitor", std::to_string(by_monitor));
  EXPECT_GT(bad, total / 20);
  EXPECT_LT(bad, total * 19 / 20);
}

INSTANTIATE_TEST_SUITE_P(Datatypes, Agreement, testing::Range(std::size_t{0}, small_loads().size()),
                         [](const auto& test) {
                           std::string name = small_loads()[test.param].datatype;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// Whether some values in the place of unknown outputs make the operations linearizable; a crashed
/// call may also be left out.
bool linearizable_by_guessing(Model& model, Operations operations, std::int32_t unknown,
                              const std::vector<std::int32_t>& guesses, std::size_t from = 0) {
  while (from < operations.size() && operations[from].call.output != unknown) ++from;
  if (from == operations.size()) {
    return testing_support::linearizable_by_trying(model, operations);
  }
  Operations guessed = operations;
  for (std::int32_t guess : guesses) {
    guessed[from].call.output = guess;
    if (linearizable_by_guessing(model, guessed, unknown, guesses, from + 1)) return true;
  }
  if (!operations[from].crashed()) return false;
  operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(from));
  return linearizable_by_guessing(model, std::move(operations), unknown, guesses, from);
}

// What a datatype makes of an unknown answer is what some answer makes of it.
void compare_with_guesses(std::string_view name, bool is_unknown(const Call&),
                          std::vector<std::int32_t> guesses_for(const Operations&)) {
  constexpr std::int32_t unknown = INT32_MAX;
  auto load = std::find_if(small_loads().begin(), small_loads().end(),
                           [&](const SmallLoad& one) { return one.datatype == name; });
  std::size_t compared = 0;
  std::size_t bad = 0;
  for (std::uint64_t seed = 0; seed < 10 * histories_each(); ++seed) {
    SmallHistory made = small_history(*load, seed);
    auto datatype = testing_support::make_datatype(name, made.options);
    Operations operations = operations_of(*datatype, made.history);
    Operations marked = operations;
    for (Operation& operation : marked) {
      if (is_unknown(operation.call)) operation.call.output = unknown;
    }
    if (std::count_if(operations.begin(), operations.end(),
                      [&](const Operation& o) { return is_unknown(o.call); }) == 0) {
      continue;
    }
    ++compared;
    std::unique_ptr<Model> model = datatype->model();
    bool expected =
        linearizable_by_guessing(*model, std::move(marked), unknown, guesses_for(operations));
    bad += expected ? 0 : 1;
    ASSERT_EQ(testing_support::linearizable_by_trying(*model, operations), expected)
        << name << ", seed " << seed << "\n"
        << text_of(made);
  }
  EXPECT_GT(compared, histories_each()) << name;
  EXPECT_GT(bad, compared / 20) << name;
}

TEST(UnknownAnswers, of_crashed_takes_may_be_any_element) {
  auto unknown_id = [](const Call& call) {
    return call.verb == container_verb::take && call.output == 0;
  };
  auto unknown_integer = [](const Call& call) {
    return call.verb == container_verb::take && call.output == container_verb::unknown_integer;
  };
  auto elements = [](const Operations& operations) {
    std::vector<std::int32_t> added;
    for (const auto& [call, invoked, returned] : operations) {
      if (call.verb == container_verb::add) added.push_back(call.input);
    }
    return added;
  };
  for (const char* name : {"fifo-queue", "stack", "unordered-queue"}) {
    compare_with_guesses(name, unknown_id, elements);
  }
  compare_with_guesses("priority-queue", unknown_integer, elements);
}

TEST(UnknownAnswers, of_a_fenced_mutex_may_be_any_token) {
  auto unknown_token = [](const Call& call) {
    return call.verb == lock_verb::acquire && call.output == INT32_MIN;
  };
  // Known tokens are 1 to 4, and six calls at most may have unknown ones.
  auto tokens = [](const Operations&) {
    return std::vector<std::int32_t>{-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  };
  compare_with_guesses("fenced-mutex", unknown_token, tokens);
}

TEST(SmallLoads, exist_for_every_datatype) {
  std::vector<std::string> names;
  std::vector<std::string> covered;
  for (const DatatypeEntry& entry : datatypes()) names.push_back(entry.name);
  for (const SmallLoad& load : small_loads()) covered.push_back(load.datatype);
  EXPECT_EQ(names, covered);
}

}  // namespace
}  // namespace sunder
