#pragma once
// A load of client operations and how its history is to be judged.

#include <functional>
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

struct Workload {
  std::string name;
  std::string summary;
  std::string datatype;            // what the checker reads the ops as: "cas-register"
  bool keyed = false;              // values are [key value], keys are independent
  std::vector<std::string> verbs;  // that the system must speak
  std::vector<OptionSpec> options;
  /// Endless; the run paces it and its time limit ends it.
  std::function<Generator(const WorkloadConfig&)> load;
  /// Runs after recovery is proved; empty when the workload has no final reads.
  std::function<Generator(const WorkloadConfig&)> finale;
};

}  // namespace sunder
