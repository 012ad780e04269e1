// Labs whose nodes' clocks go wrong: the faults of the catalogue, with their evidence and undoing.

#include <gtest/gtest.h>

#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

// The smallest step of the fault, as exactly as clocks are read back.
constexpr std::int64_t step_least = 95'000'000;

class LabClocks : public TinyLabTest {
 protected:
  void SetUp() override {
    TinyLabTest::SetUp();
    if (IsSkipped()) return;
    open(tiny_test(3, {"clock", "clock-freeze", "clock-strobe", "kill"}), [](LabOptions& options) {
      options.clock_library = SUNDER_BINARY_DIR "/libsunder-clock.so";
    });
  }
  Op fault(int nemesis, std::string_view verb, Value value = {}) {
    return lab_.fault(nemesis, verb, std::move(value));
  }
  static Value on_all() { return Map{{Value("targets"), Value("all")}}; }
  /// What the report says of a node.
  static std::int64_t offset(const Op& op, const char* when, const char* node) {
    const Value* evidence = op.value.find("evidence");
    const Value* offsets = evidence == nullptr ? nullptr : evidence->find(when);
    const Value* found = offsets == nullptr ? nullptr : offsets->find(node);
    EXPECT_NE(found, nullptr) << to_json(op.value);
    return found == nullptr ? 0 : found->integer();
  }
};

TEST_F(LabClocks, AStepIsReadBackOutlivesTheProcessAndIsUndone) {
  Op bumped = fault(0, "bump-clock", on_all());
  ASSERT_EQ(bumped.phase, Phase::ok) << to_json(bumped.value);
  std::int64_t there = offset(bumped, "offsets_after_ns", "n2");
  EXPECT_GE(std::abs(there), step_least);

  ASSERT_EQ(fault(3, "kill", on_all()).phase, Phase::ok);
  ASSERT_EQ(fault(3, "start").phase, Phase::ok);
  ASSERT_EQ(lab_.control(verb_await_ready).phase, Phase::ok);

  Op reset = fault(0, "reset-clock");
  ASSERT_EQ(reset.phase, Phase::ok) << to_json(reset.value);
  EXPECT_LE(std::abs(offset(reset, "offsets_before_ns", "n2") - there), 5'000'000);
  EXPECT_LE(std::abs(offset(reset, "offsets_after_ns", "n2")), 5'000'000);
  EXPECT_EQ(lab_.control(verb_verify_healed).phase, Phase::ok);
}

TEST_F(LabClocks, CoursesAreConfirmedByWhatNodesRead) {
  Map frozen{{Value("targets"), Value("all")}, {Value("rate_ppm"), Value(-1'000'000)}};
  EXPECT_EQ(fault(1, "freeze-clock", frozen).phase, Phase::ok);
  Map strobe{{Value("targets"), Value("one")},
             {Value("strobe_ns"), Value(std::int64_t{3'000'000'000})},
             {Value("strobe_period_ns"), Value(90'000'000)}};
  EXPECT_EQ(fault(2, "strobe-clock", strobe).phase, Phase::ok);
  EXPECT_EQ(fault(2, "reset-clock").phase, Phase::ok);
  EXPECT_EQ(lab_.control(verb_verify_healed).phase, Phase::ok);
}

TEST_F(LabClocks, AClockOfANodeThatIsDeadIsBentAllTheSame) {
  ASSERT_EQ(fault(3, "kill", on_all()).phase, Phase::ok);
  Op bumped = fault(0, "bump-clock", on_all());
  EXPECT_EQ(bumped.phase, Phase::ok) << "the clock is the machine's";
  EXPECT_GE(std::abs(offset(bumped, "offsets_after_ns", "n1")), step_least);
}

}  // namespace
}  // namespace sunder
