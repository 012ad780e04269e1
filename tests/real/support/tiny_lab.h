#pragma once
// A lab of tiny_system(), driven one op at a time in the run loop's place.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"

namespace sunder {

/// The tiny system on so many nodes under nemeses of the catalogue, with a patience that suits a
/// busy machine.
Test tiny_test(int nodes, const std::vector<std::string>& nemeses = {});

/// It needs no gtest, so that other processes than the test's can have one.
class TinyLab {
 public:
  using Alter = std::function<void(LabOptions&)>;

  Status open(Test test, const LabSpace& space, const Alter& alter = {});
  void end() { world_.reset(); }

  bool is_open() const { return world_ != nullptr; }
  LabWorld& world() { return *world_; }
  Test& test() { return test_; }
  const MemoryJournal& journal() const { return journal_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// The completion, which is awaited for a minute.
  Op perform(Process process, std::string_view verb, Value value = {});
  Op client(int process, std::string_view verb, Value value) {
    return perform(Process{process}, verb, std::move(value));
  }
  Op fault(int nemesis, std::string_view verb, Value value = {}) {
    return perform(Process::nemesis(nemesis), verb, std::move(value));
  }
  Op control(std::string_view verb) { return perform(test_.control(), verb); }

 private:
  TemporaryFolder folder_;
  Test test_;
  MemoryJournal journal_;
  std::unique_ptr<LabWorld> world_;
};

/// Skips where no lab can stand.
class TinyLabTest : public testing::Test {
 protected:
  void SetUp() override;
  /// A lab whose nodes are ready.
  void open(sunder::Test test, const TinyLab::Alter& alter = {});
  /// A fault begun or ended, with what the nemesis says of it when it is not confirmed.
  static void expect_ok(const Op& op);

  TinyLab lab_;
};

}  // namespace sunder
