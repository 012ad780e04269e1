#pragma once
// A load of client operations and how its history is to be judged.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/api/generator.h"
#include "harness/api/registry.h"
#include "harness/core/options.h"

namespace sunder {

/// How one run wants a workload.
struct WorkloadConfig {
  Options options;
  int concurrency = 1;
  std::uint64_t seed = 0;
};

/// A checker of the catalogue that judges a workload's runs beside the claimed model's checker. One
/// that names the claimed model's checker itself only sets its options.
struct WorkloadCheck {
  std::string checker;                         // its name in the catalogue
  std::map<std::string, std::string> options;  // of the checker, as --set would give them
};

struct Workload {
  std::string name;
  std::string summary;
  std::string datatype;            // what the checker reads the ops as: "cas-register"
  bool keyed = false;              // values are [key value], keys are independent
  std::vector<std::string> verbs;  // that the system must speak
  /// The verbs whose ok answers show what the system holds: a run without one shows nothing.
  std::vector<std::string> observes{"read"};
  std::vector<OptionSpec> options;
  /// Endless; the run paces it and its time limit ends it.
  std::function<Generator(const WorkloadConfig&)> load;
  /// Runs after recovery is proved; empty when the workload has no final reads.
  std::function<Generator(const WorkloadConfig&)> finale;
  /// The domain checks that every run gets, whatever its system claims. May be empty.
  std::function<std::vector<WorkloadCheck>(const Options&)> checks{};
  /// Where no checker decides the system's claim for this datatype, these checks are what the claim
  /// means for this load, and a run that passes them is valid. Else such a run stays `unknown`.
  bool checks_stand_for_claim = false;
};

extern template class Registry<Workload>;  // compiled once, in registry.cpp

}  // namespace sunder
