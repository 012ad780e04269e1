#pragma once
// Faults: what one needs, when and whom it strikes, how it is undone, and how it is proved.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/api/generator.h"
#include "harness/api/registry.h"
#include "harness/core/options.h"
#include "harness/core/outcome.h"

namespace sunder {

/// How one run wants a nemesis.
struct NemesisConfig {
  Options options;
  Process process;        // nemesis-k: each active nemesis is its own process
  std::uint64_t seed = 0;
  Duration interval{0};   // mean time between one of its faults and the next act
};

class FaultBudget;

/// By what another version of the system differs from the run's.
struct VersionWish {
  std::string program;             // a path; empty: the same
  std::vector<std::string> flaws;  // its own; empty: the same, "none": none
  std::vector<std::string> set;    // KEY=VALUE of the system
  bool operator==(const VersionWish&) const = default;
};

/// What apply() works with. Lives as long as the run.
struct FaultScene {
  Cluster& cluster;
  Rng& rng;                       // this nemesis's own stream
  FaultBudget* budget = nullptr;  // shared by all faults of the run; null: there is no limit
  Value notes{};                  // what this nemesis wants to know again at its next op
};

/// How a nemesis completes: the value of the op in the history.
struct FaultReport {
  std::string kind;                  // "partition"
  std::vector<std::string> targets;  // nodes, or links as "n1>n2"
  bool on = false;                   // begun, or ended
  bool confirmed = false;            // evidence shows that it took hold (or is gone)
  Value evidence;                    // what was measured
  bool over = false;                 // begun and ended within the one op
  Duration waited{0};                // from the op's invocation until it struck
};
Value to_value(const FaultReport& report);
Result<FaultReport> fault_report_from(const ValueView& value);

/// ok when confirmed, info when carried out but not confirmed.
Outcome outcome_of(const FaultReport& report);

struct Nemesis {
  std::string name;
  std::string summary;
  std::set<Ability> needs;
  std::vector<OptionSpec> options;
  std::vector<std::string> verbs;  // of its ops
  /// Endless; the run's time limit ends it. Ops carry in their value what they mean to do.
  std::function<Generator(const NemesisConfig&)> schedule;
  /// The ops that end whatever may be on; safe to run when nothing is.
  std::function<Generator(const NemesisConfig&)> recovery;
  /// Carries one op out. Completes exactly once; never blocks. One at a time for each nemesis.
  std::function<void(const Op&, FaultScene&, std::function<void(Outcome)>)> apply;
  /// What some values of its options need beyond `needs`. May be empty.
  std::function<std::set<Ability>(const Options&)> needs_for = {};
  bool in_all = true;     // `-n all` has it
  bool in_swarm = false;  // `-n swarm` may draw it: within what most systems promise to survive
  std::set<std::string> instructs = {};  // what it asks of nodes: of System::instructions
  /// What is left of its faults after recovery, as the end of a sentence; empty: nothing that the
  /// cluster does not show by itself. May be empty.
  std::function<std::string(const std::vector<NodeReport>&, const FaultScene&)> left = {};
  /// The other version that it swaps nodes for. May be empty.
  std::function<VersionWish(const Options&)> other_version = {};
};

extern template class Registry<Nemesis>;  // compiled once, in registry.cpp

}  // namespace sunder
