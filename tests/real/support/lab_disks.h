#pragma once
// A lab of two nodes whose disks forget and misbehave, for tests.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"

namespace sunder {

bool is_mounted(const std::filesystem::path& folder);

/// Skips where there is no such lab.
class LabDisks : public testing::Test {
 protected:
  void open(Nemesis nemesis);
  void dispatch(Process process, std::string_view verb, Value value = {});
  Op perform(Process process, std::string_view verb, Value value = {});
  std::filesystem::path node() const { return folder_.path() / "nodes" / "n1"; }
  std::filesystem::path data() const { return node() / "data"; }

  TemporaryFolder folder_;
  sunder::Test test_;
  MemoryJournal journal_;
  std::unique_ptr<LabWorld> world_;
};

/// A lab whose nemesis is one of the catalogue's.
class LabBadDisks : public LabDisks {
 protected:
  /// The cluster is ready then, unless the test is skipped: world_ is null.
  void open_with(std::string_view nemesis);
  /// Begins the fault on n1 while a client writes there: the two completions.
  std::pair<Op, Op> begin_and_write(std::string_view verb, Map value);
};

}  // namespace sunder
