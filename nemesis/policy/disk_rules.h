#pragma once
// Faults of disks that go on working, badly: one shape for all, a rule of crashfs says how.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

struct DiskFault {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;  // beside whom it strikes
  /// The rule that an op carries (harness/crashfs/fault_rules.h), without its name. The generator
  /// is for options that leave something to chance.
  std::function<Map(const Options&, Rng&)> rule;
  /// The rule is of what is read, by a snapshot that gets as old as the option `age` says. Nodes
  /// are killed and started again, so that they read; only reads that the rule altered count.
  bool rereads = false;
};

/// Imposes the rule on the disks of nodes chosen by role; options say which files, operations and
/// occurrences it is to strike. Confirmed when every one of these disks
/// says that the rule has struck; ended when the rule is lifted everywhere and the nodes that it
/// brought down run again. Its ops are start-NAME and stop-NAME.
Nemesis disk_nemesis(DiskFault fault);

}  // namespace sunder
