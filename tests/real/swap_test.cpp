// Labs whose nodes are swapped for another version of their program, or for the same one under
// another name: what the kernel and the nodes say of it afterwards.

#include <gtest/gtest.h>

#include <algorithm>

#include "catalogue/nemesis.h"
#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

class LabSwaps : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
  }
  void TearDown() override {
    if (world_ != nullptr) {
      EXPECT_EQ(perform(test_.control(), std::string(verb_verify_healed)).phase, Phase::ok);
    }
  }

  /// A lab of two nodes, which can be swapped for a program; "": for their own under another name.
  void build(const std::string& program) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    test_.nemeses = {*all.find("swap")};
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 2;
    test_.concurrency = 2;
    test_.system = tiny_system();
    test_.other_version = OtherVersion{.program = program, .config = test_.config};
    test_.op_timeout = std::chrono::seconds(1);
    test_.ready_timeout = std::chrono::seconds(20);
    auto created = LabWorld::create(test_, lab_options(folder_.path(), *lab_place()), journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
    ASSERT_EQ(perform(test_.control(), std::string(verb_await_ready)).phase, Phase::ok);
  }
  Op perform(Process process, std::string verb, Value value = {}) {
    Op op;
    op.process = process;
    op.verb = std::move(verb);
    op.value = std::move(value);
    world_->dispatch(op);
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  Op swap(const char* by = "term") {
    Map map;
    map["targets"] = "n2";
    map["by"] = by;
    map["patience"] = 20;
    return perform(Process::nemesis(0), "swap", std::move(map));
  }
  Op back() { return perform(Process::nemesis(0), "swap-back"); }
  static std::string told(const Op& op, const char* what) {
    const Value* found = op.value.find("evidence")->find(what);
    return found != nullptr ? to_json(*found) : "";
  }

  TemporaryFolder folder_;
  sunder::Test test_;
  MemoryJournal journal_;
  std::unique_ptr<LabWorld> world_;
};

TEST_F(LabSwaps, ANodeExecutesTheOtherProgramAndKeepsItsData) {
  fs::path other = folder_.path() / "another-build";
  fs::copy_file(lab_options(folder_.path(), *lab_place()).node_binary, other);
  build(other.string());
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
  Op swapped = swap();
  EXPECT_EQ(swapped.phase, Phase::ok) << swapped.error << to_json(swapped.value);
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual","n2":"other"})");
  EXPECT_EQ(told(swapped, "programs"),
            R"({"n1":"/tmp/bin/sunder-node","n2":"/tmp/bin/other-version"})");
  EXPECT_EQ(told(swapped, "starts_after"), R"({"n1":1,"n2":2})");
  EXPECT_EQ(told(swapped, "endings"), R"({"n2":"exit 0"})");
  Op restored = back();
  EXPECT_EQ(restored.phase, Phase::ok) << restored.error << to_json(restored.value);
  EXPECT_EQ(told(restored, "versions"), R"({"n1":"usual","n2":"usual"})");
  EXPECT_EQ(to_json(perform(Process{1}, "read", Value::pair(1, {})).value), "[1,10]");
}

TEST_F(LabSwaps, ANodeSaysWhichOfTwoEqualVersionsItIs) {
  build("");
  Op swapped = swap("kill");
  EXPECT_EQ(swapped.phase, Phase::ok) << swapped.error << to_json(swapped.value);
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual","n2":"other"})");
  EXPECT_EQ(told(swapped, "endings"), R"({"n2":"signal 9"})");
  EXPECT_EQ(back().phase, Phase::ok);
}

TEST_F(LabSwaps, ForAProgramThatEndsAtOnceAreNotConfirmedAndCanBeUndone) {
  build("/bin/true");
  Op swapped = swap();
  EXPECT_EQ(swapped.phase, Phase::info) << to_json(swapped.value);
  EXPECT_EQ(told(swapped, "never_ready"), R"(["n2"])");
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual"})");
  Op restored = back();
  EXPECT_EQ(restored.phase, Phase::ok) << restored.error << to_json(restored.value);
  EXPECT_EQ(perform(test_.control(), std::string(verb_await_ready)).phase, Phase::ok);
}

TEST_F(LabSwaps, NeedAProgramThatThereIs) {
  test_.other_version = OtherVersion{.program = "/no/such/program", .config = {}};
  test_.system = tiny_system();
  auto created = LabWorld::create(test_, lab_options(folder_.path(), *lab_place()), journal_);
  ASSERT_FALSE(created);
  EXPECT_NE(created.error().context.find("/no/such/program"), std::string::npos);
}

}  // namespace
}  // namespace sunder
