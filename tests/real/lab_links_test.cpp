// Faults of links in a real lab: begun, measured by real datagrams, ended, and the end measured.

#include <gtest/gtest.h>

#include "harness/core/json.h"
#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

/// A lab whose first nemesis is the one under test.
class LabLinks : public TinyLabTest {
 protected:
  void open(const std::string& nemesis) {
    name_ = nemesis;
    TinyLabTest::open(tiny_test(3, {nemesis}));
  }
  /// The evidence of a begun fault. An effect that a starved machine has blurred is given a second
  /// chance, which a fault without effect would not profit from.
  Value begin(const LinkModel& model) {
    Map value;
    value["targets"] = "one";
    value["model"] = to_value(model);
    Op op = lab_.fault(0, "start-" + name_, value);
    if (op.phase != Phase::ok) {
      end();
      op = lab_.fault(0, "start-" + name_, value);
    }
    expect_ok(op);
    const Value* evidence = op.value.find("evidence");
    return evidence != nullptr ? *evidence : Value(Map{});
  }
  Op end() { return lab_.fault(0, "stop-" + name_); }
  void begin_and_end(const std::string& nemesis, const LinkModel& model) {
    open(nemesis);
    begin(model);
    expect_ok(end());
    expect_ok(lab_.control(verb_verify_healed));
  }

  std::string name_;
};

std::int64_t median_us(const Value& evidence, const char* side) {
  const Value* figures = evidence.find(side);
  const Value* median = figures != nullptr ? figures->find("median_us") : nullptr;
  return median != nullptr ? median->integer() : -1;
}

TEST_F(LabLinks, AConstantDelayIsWithinTwoMilliseconds) {
  open("delay");
  auto within = [](const Value& evidence) {
    std::int64_t grown = median_us(evidence, "with") - median_us(evidence, "without");
    std::int64_t others = median_us(evidence, "others_with") -
                          median_us(evidence, "others_without");
    return std::abs(grown - 20'000) <= 2'000 && others < 2'000;
  };
  // Whatever else this machine does may make packets later, but hardly three times in a row.
  Value evidence = begin({.delay = std::chrono::milliseconds(20)});
  for (int i = 0; i < 2 && !within(evidence); ++i) {
    end();
    evidence = begin({.delay = std::chrono::milliseconds(20)});
  }
  EXPECT_TRUE(within(evidence)) << to_json(evidence);
  EXPECT_EQ(end().phase, Phase::ok);
}

TEST_F(LabLinks, DelayByNormalLaw) {
  begin_and_end("delay", {.delay = std::chrono::milliseconds(50),
                          .jitter = std::chrono::milliseconds(10), .spread = Spread::normal});
}

TEST_F(LabLinks, DelayByParetosLaw) {
  begin_and_end("delay", {.delay = std::chrono::milliseconds(50),
                          .jitter = std::chrono::milliseconds(10), .spread = Spread::pareto});
}

TEST_F(LabLinks, Loss) { begin_and_end("loss", {.loss = {1, 5}}); }
TEST_F(LabLinks, LossInRuns) { begin_and_end("loss", {.loss = {1, 5}, .loss_run = 4}); }
TEST_F(LabLinks, Duplicates) { begin_and_end("duplicate", {.duplicate = {3, 10}}); }
TEST_F(LabLinks, Reordering) {
  begin_and_end("reorder",
                {.reorder = {3, 10}, .reorder_span = std::chrono::milliseconds(50)});
}
TEST_F(LabLinks, CorruptionIsCaughtByChecksums) {
  open("corrupt");
  Value evidence = begin({.corrupt = {1, 5}});
  const Value* refused = evidence.find("bad_checksums");
  ASSERT_NE(refused, nullptr) << to_json(evidence);
  EXPECT_GT(refused->integer(), 0);
  EXPECT_EQ(end().phase, Phase::ok);
}
TEST_F(LabLinks, Rate) { begin_and_end("rate", {.rate = 32768}); }
TEST_F(LabLinks, HoldThenFlood) { begin_and_end("jam", {.hold = true}); }

TEST_F(LabLinks, Swizzle) {
  open("swizzle");
  expect_ok(lab_.fault(0, "start-swizzle"));
  expect_ok(lab_.fault(0, "stop-swizzle"));
}

TEST_F(LabLinks, AFaultThatIsLeftOnIsNotHealed) {
  open("duplicate");
  lab_.test().ready_timeout = std::chrono::milliseconds(100);
  begin({.duplicate = {3, 10}});
  Op healed = lab_.control(verb_verify_healed);
  EXPECT_EQ(healed.phase, Phase::info);
  EXPECT_NE(healed.error.find("'duplicate'"), std::string::npos) << healed.error;
}

}  // namespace
}  // namespace sunder
