#pragma once
// One test, ready to run: everything a world needs to know of it.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/fault_budget.h"
#include "harness/api/generator.h"
#include "harness/api/nemesis.h"
#include "harness/api/system.h"
#include "harness/core/link.h"

namespace sunder {

/// Control ops that the run loop's generator gives to the control thread, which comes after the
/// nemeses: process nemesis-<nemeses.size()>. Both complete ok, or info with the reason.
inline constexpr std::string_view verb_await_ready = "await-ready";      // all nodes ready
inline constexpr std::string_view verb_verify_healed = "verify-healed";  // no fault left

/// Another version of the system, which nodes can be swapped for.
struct OtherVersion {
  std::string program;  // an absolute path on this machine; empty: the same as usual
  SystemConfig config;
};

struct Test {
  std::string name;
  std::uint64_t seed = 0;
  int nodes = 5;
  int concurrency = 10;
  System system;
  SystemConfig config;
  std::optional<OtherVersion> other_version{};
  std::vector<Nemesis> nemeses;
  LinkModel link{.delay = std::chrono::microseconds(500), .jitter = std::chrono::microseconds(500)};
  Duration op_timeout = std::chrono::seconds(5);
  Duration ready_timeout = std::chrono::seconds(30);
  FaultLimit fault_limit = FaultLimit::any;
  bool cut_clients = false;  // partitions also cut clients off: c<N> follows its home node
  std::vector<std::string> observing_verbs{"read"};  // as the workload says
  Generator generator;       // the whole run: readiness, load with faults, recovery, finale

  /// Whether one of its faults does.
  bool needs(Ability ability) const {
    return std::any_of(nemeses.begin(), nemeses.end(), [ability](const Nemesis& nemesis) {
      return nemesis.needs.contains(ability);
    });
  }
  Process control() const { return Process::nemesis(static_cast<std::int32_t>(nemeses.size())); }
};

}  // namespace sunder
