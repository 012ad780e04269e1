// Faults of links in a real lab: begun, measured by real datagrams, ended, and the end measured.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/core/json.h"
#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

/// A lab whose first nemesis is the one under test.
class LabLinks : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
  }
  void open(std::string_view nemesis) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    const Nemesis* found = all.find(nemesis);
    ASSERT_NE(found, nullptr);
    name_ = nemesis;
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 3;
    test_.concurrency = 2;
    test_.system = tiny_system();
    test_.nemeses = {*found};
    test_.ready_timeout = std::chrono::seconds(20);
    auto created = LabWorld::create(test_, lab_options(folder_.path(), *lab_place()), journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
    ASSERT_EQ(perform(test_.control(), verb_await_ready, {}).phase, Phase::ok);
  }
  Op perform(Process process, std::string_view verb, Value value) {
    Op op;
    op.process = process;
    op.verb = verb;
    op.value = std::move(value);
    world_->dispatch(op);
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  /// The evidence of a begun fault. An effect that a starved machine has blurred is given a second
  /// chance, which a fault without effect would not profit from.
  Value begin(const LinkModel& model) {
    Map value;
    value["targets"] = "one";
    value["model"] = to_value(model);
    Op op = perform(Process::nemesis(0), "start-" + name_, value);
    if (op.phase != Phase::ok) {
      end();
      op = perform(Process::nemesis(0), "start-" + name_, value);
    }
    EXPECT_EQ(op.phase, Phase::ok) << to_json(op.value) << op.error;
    const Value* evidence = op.value.find("evidence");
    return evidence != nullptr ? *evidence : Value(Map{});
  }
  Op end() { return perform(Process::nemesis(0), "stop-" + name_, {}); }
  void begin_and_end(std::string_view nemesis, const LinkModel& model) {
    open(nemesis);
    begin(model);
    Op ended = end();
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
    Op healed = perform(test_.control(), verb_verify_healed, {});
    EXPECT_EQ(healed.phase, Phase::ok) << healed.error;
  }

  TemporaryFolder folder_;
  MemoryJournal journal_;
  std::string name_;
  sunder::Test test_;
  std::unique_ptr<LabWorld> world_;
};

std::int64_t median_us(const Value& evidence, const char* side) {
  const Value* figures = evidence.find(side);
  const Value* median = figures != nullptr ? figures->find("median_us") : nullptr;
  return median != nullptr ? median->integer() : -1;
}

TEST_F(LabLinks, AConstantDelayIsWithinTwoMilliseconds) {
  open("delay");
  Value evidence = begin({.delay = std::chrono::milliseconds(20)});
  std::int64_t grown = median_us(evidence, "with") - median_us(evidence, "without");
  EXPECT_NEAR(static_cast<double>(grown), 20'000, 2'000) << to_json(evidence);
  std::int64_t others = median_us(evidence, "others_with") - median_us(evidence, "others_without");
  EXPECT_LT(others, 2'000);
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
  Op begun = perform(Process::nemesis(0), "start-swizzle", {});
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
  Op ended = perform(Process::nemesis(0), "stop-swizzle", {});
  EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
}

TEST_F(LabLinks, AFaultThatIsLeftOnIsNotHealed) {
  open("duplicate");
  test_.ready_timeout = std::chrono::milliseconds(100);
  begin({.duplicate = {3, 10}});
  Op healed = perform(test_.control(), verb_verify_healed, {});
  EXPECT_EQ(healed.phase, Phase::info);
  EXPECT_NE(healed.error.find("'duplicate'"), std::string::npos) << healed.error;
}

}  // namespace
}  // namespace sunder
