// Labs whose nodes are swapped for another version of their program, or for the same one under
// another name: what the kernel and the nodes say of it afterwards.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

class LabSwaps : public TinyLabTest {
 protected:
  void TearDown() override {
    if (lab_.is_open()) expect_ok(lab_.control(verb_verify_healed));
  }

  /// Two nodes, which can be swapped for a program; "": for their own under another name.
  static sunder::Test swapping(const std::string& program) {
    sunder::Test test = tiny_test(2, {"swap"});
    test.other_version = OtherVersion{.program = program, .config = test.config};
    return test;
  }
  Op swap(const char* by = "term") {
    Map map;
    map["targets"] = "n2";
    map["by"] = by;
    map["patience"] = 20;
    return lab_.fault(0, "swap", std::move(map));
  }
  Op back() { return lab_.fault(0, "swap-back"); }
  static std::string told(const Op& op, const char* what) {
    const Value* found = op.value.find("evidence")->find(what);
    return found != nullptr ? to_json(*found) : "";
  }
};

TEST_F(LabSwaps, ANodeExecutesTheOtherProgramAndKeepsItsData) {
  fs::path other = lab_.folder() / "another-build";
  fs::copy_file(lab_options(lab_.folder(), *lab_place()).node_binary, other);
  open(swapping(other.string()));
  expect_ok(lab_.client(0, "write", Value::pair(1, 10)));
  Op swapped = swap();
  expect_ok(swapped);
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual","n2":"other"})");
  EXPECT_EQ(told(swapped, "programs"),
            R"({"n1":"/tmp/bin/sunder-node","n2":"/tmp/bin/other-version"})");
  EXPECT_EQ(told(swapped, "starts_after"), R"({"n1":1,"n2":2})");
  EXPECT_EQ(told(swapped, "endings"), R"({"n2":"exit 0"})");
  Op restored = back();
  expect_ok(restored);
  EXPECT_EQ(told(restored, "versions"), R"({"n1":"usual","n2":"usual"})");
  EXPECT_EQ(to_json(lab_.client(1, "read", Value::pair(1, {})).value), "[1,10]");
}

TEST_F(LabSwaps, ANodeSaysWhichOfTwoEqualVersionsItIs) {
  open(swapping(""));
  Op swapped = swap("kill");
  expect_ok(swapped);
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual","n2":"other"})");
  EXPECT_EQ(told(swapped, "endings"), R"({"n2":"signal 9"})");
  expect_ok(back());
}

TEST_F(LabSwaps, ForAProgramThatEndsAtOnceAreNotConfirmedAndCanBeUndone) {
  open(swapping("/bin/true"));
  Op swapped = swap();
  EXPECT_EQ(swapped.phase, Phase::info) << to_json(swapped.value);
  EXPECT_EQ(told(swapped, "never_ready"), R"(["n2"])");
  EXPECT_EQ(told(swapped, "versions"), R"({"n1":"usual"})");
  Op restored = back();
  expect_ok(restored);
  expect_ok(lab_.control(verb_await_ready));
}

TEST_F(LabSwaps, NeedAProgramThatThereIs) {
  Status opened = lab_.open(swapping("/no/such/program"), *lab_place());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().context.find("/no/such/program"), std::string::npos);
}

}  // namespace
}  // namespace sunder
