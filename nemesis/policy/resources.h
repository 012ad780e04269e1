#pragma once
// Faults that make something scarce for nodes: one shape for all; each says what, and how it shows.

#include <string>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

struct ResourceFault {
  std::string name;
  std::string summary;
  Resource resource;
  std::vector<OptionSpec> options;                       // beside whom it strikes
  std::function<std::int64_t(const Options&)> amount;
  Duration window = std::chrono::milliseconds(300);      // of a measurement
  /// Whether a measurement, made while the fault is on, shows that it bites.
  std::function<bool(const ResourceUse&)> bites;
  bool compares = false;        // `before` of what it is told is from before the fault
  bool ends_processes = false;  // the proof includes that it did; its end starts them again
};

/// Begun when the limit is read back on every target and bites there; ended when no node has it and
/// what it forbade succeeds again. Its ops are exhaust-NAME and restore-NAME. Not part of `all`.
Nemesis resource_nemesis(const ResourceFault& fault);

}  // namespace sunder
