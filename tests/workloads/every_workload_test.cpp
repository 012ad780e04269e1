// What holds for each workload of the catalogue.

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/catalogues.h"
#include "tests/workloads/support/offline.h"

namespace sunder {
namespace {

using namespace testing_support;

class EveryWorkload : public testing::TestWithParam<std::string> {};

bool speaks(const Workload& workload, const std::string& verb) {
  return std::find(workload.verbs.begin(), workload.verbs.end(), verb) != workload.verbs.end();
}

TEST_P(EveryWorkload, SaysOnlyTheVerbsThatItNames) {
  Workload workload = workload_named(GetParam());
  gen::Play load = play_load(GetParam());
  EXPECT_EQ(load.invocations().size(), 2000u) << "a load is endless";
  for (const auto& [verb, count] : verbs_of(load)) EXPECT_TRUE(speaks(workload, verb)) << verb;
  if (!workload.finale) return;
  for (const auto& [verb, count] : verbs_of(play_finale(GetParam()))) {
    EXPECT_TRUE(speaks(workload, verb)) << verb;
  }
}

TEST_P(EveryWorkload, ObservesSomething) {
  Workload workload = workload_named(GetParam());
  std::map<std::string, std::size_t> verbs = verbs_of(play_load(GetParam()));
  std::size_t observed = 0;
  for (const std::string& verb : workload.observes) {
    EXPECT_TRUE(speaks(workload, verb)) << verb;
    observed += verbs[verb];
  }
  EXPECT_GT(observed, 100u);
}

TEST_P(EveryWorkload, IsTheSameForTheSameSeed) {
  std::string once = gen::print(play_load(GetParam()).history);
  EXPECT_EQ(once, gen::print(play_load(GetParam()).history));
}

TEST_P(EveryWorkload, GoesOnWhenNothingIsAnswered) {
  for (gen::Answers answers : {gen::lost(), gen::failing()}) {
    gen::Play play = play_load(GetParam(), {.ops = 500}, answers);
    EXPECT_EQ(play.invocations().size(), 500u);
    EXPECT_FALSE(play.stuck);
  }
}

TEST_P(EveryWorkload, WorksWithOneClient) {
  EXPECT_EQ(play_load(GetParam(), {.concurrency = 1, .ops = 300}).invocations().size(), 300u);
}

TEST_P(EveryWorkload, ItsFinaleEndsWhateverIsAnswered) {
  if (!workload_named(GetParam()).finale) return;
  for (gen::Answers answers : {gen::perfect(), gen::lost()}) {
    gen::Play play = play_finale(GetParam(), {.ops = 100'000}, answers);
    EXPECT_LT(play.invocations().size(), 100'000u);
    EXPECT_GT(play.invocations().size(), 0u);
    EXPECT_FALSE(play.stuck);
  }
}

TEST_P(EveryWorkload, KeyedValuesHaveTheirKey) {
  if (!workload_named(GetParam()).keyed) return;
  for (const Op& op : play_load(GetParam()).invocations()) {
    ASSERT_TRUE(op.value.is_list() && op.value.list().size() == 2) << describe(op);
    ASSERT_TRUE(op.value.list()[0].is_integer()) << describe(op);
  }
}

// A name that no checker has, or an option that it does not know, would stop each such run.
TEST_P(EveryWorkload, ItsChecksAreInTheCatalogue) {
  Workload workload = workload_named(GetParam());
  Catalogues catalogues = all_catalogues();
  Result<Options> options = Options::parse(workload.options, {});
  ASSERT_TRUE(options);
  if (!workload.checks) return;
  for (const WorkloadCheck& check : workload.checks(*options)) {
    const CheckerEntry* entry = catalogues.checkers.find(check.checker);
    ASSERT_NE(entry, nullptr) << check.checker;
    EXPECT_TRUE(entry->datatype == workload.datatype || entry->datatype.empty()) << check.checker;
    EXPECT_TRUE(Options::parse(entry->options, check.options)) << check.checker;
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(workload_names()),
                         [](const auto& name) {
                           std::string text = name.param;
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

}  // namespace
}  // namespace sunder
