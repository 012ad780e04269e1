// Processor consistency: by its faster ways, and by the views of the sessions alone.

#include <gtest/gtest.h>

#include "checker/weak/decide.h"
#include "checker/weak/processor/views.h"
#include "tests/checker/weak/support/agreement.h"
#include "tests/checker/weak/support/families.h"
#include "tests/checker/weak/support/small_registers.h"

namespace sunder {
namespace {

using namespace weak;
using namespace testing_support;

Limits seconds(int count) {
  return Limits{.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(count)};
}

TEST(Processor, agrees_with_its_definition) {
  compare_with_definition(decide_processor, is_processor, 2000);
}

TEST(Processor, agrees_with_its_definition_by_views_alone) {
  compare_with_definition(processor::decide_by_views, is_processor, 2000);
}

TEST(Processor, of_middling_histories_is_decided_by_views) {
  Registers good = family({.operations = 100, .sessions = 4, .keys = 5, .lag = 4});
  EXPECT_EQ(processor::decide_by_views(good, seconds(20)).outcome, Outcome::holds);
  Registers bad = family({.operations = 200, .plant = Family::Plant::old_value});
  EXPECT_EQ(processor::decide_by_views(bad, seconds(20)).outcome, Outcome::refuted);
}

TEST(Processor, of_too_large_histories_without_a_short_proof_is_unknown) {
  Registers large = family({.operations = 20'000, .plant = Family::Plant::split_order});
  Finding finding = decide_processor(large, seconds(20));
  EXPECT_EQ(finding.outcome, Outcome::unknown);
  EXPECT_FALSE(finding.reason.empty());
}

}  // namespace
}  // namespace sunder
