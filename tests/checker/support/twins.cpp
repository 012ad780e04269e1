#include "tests/checker/support/twins.h"

#include <gtest/gtest.h>

#include "checker/linearizable/record.h"
#include "tests/checker/support/asked.h"
#include "tests/checker/support/exhaustive.h"

namespace sunder::testing_support {
namespace {

void expect_weaker_answers_accepted(const DomainCheck& check, const History& history) {
  std::vector<Op> ops = ops_of(history);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].phase != Phase::ok) continue;
    std::vector<Op> weaker = ops;
    weaker[i].phase = Phase::info;
    if (weaker[i].verb != "drain") weaker[i].value = history[history[i].pair].value.value();
    History crashed = history_of(weaker);
    Verdict verdict = judge(check, crashed);
    ASSERT_NE(verdict.validity, Validity::invalid)
        << check.name << ", op " << i << " turned into info\n"
        << text_of(history) << verdict.summary;
  }
}

}  // namespace

std::uint64_t histories_each() {
  return histories_asked(1000);
}

void compare(const DomainCheck& check, const RandomLoad& load,
             std::set<std::string> definition(const History&)) {
  std::map<std::string, std::uint64_t> met;
  std::uint64_t good = 0;
  std::uint64_t total = histories_each();
  for (std::uint64_t seed = 0; seed < total; ++seed) {
    RandomLoad own = load;
    own.operations = 2 + static_cast<int>(seed % static_cast<std::uint64_t>(load.operations));
    History history = random_history(own, seed);
    std::set<std::string> expected = definition(history);
    Verdict verdict = judge(check, history);
    ASSERT_EQ(anomaly_names(verdict), expected) << check.name << ", seed " << seed << "\n"
                                                << text_of(history) << to_json(to_value(verdict));
    ASSERT_EQ(verdict.validity == Validity::invalid, !expected.empty()) << text_of(history);
    for (const std::string& name : expected) ++met[name];
    if (!expected.empty()) continue;
    ++good;
    if (seed % 4 == 0) expect_weaker_answers_accepted(check, history);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(good, total / 50) << check.name;
  for (const auto& [name, times] : met) {
    testing::Test::RecordProperty(name, std::to_string(times));
  }
  EXPECT_FALSE(met.empty()) << check.name;
}

bool linearizable_by_definition(std::string_view name, const History& history,
                                const OptionTexts& options) {
  auto datatype = make_datatype(name, options);
  linearizable::Recorder recorder(*datatype, false);
  for (std::size_t i = 0; i < history.size(); ++i) recorder.feed(history[i]);
  EXPECT_EQ(recorder.trouble(), "") << text_of(history);
  auto partitions = recorder.take(false);
  if (partitions.empty()) return true;
  auto model = datatype->model();
  return linearizable_by_trying(*model, partitions.front().operations);
}

}  // namespace sunder::testing_support
