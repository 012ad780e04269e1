#pragma once
// Runs of a workload of the catalogue in the simulator, judged as a sweep judges them.

#include <map>
#include <string>
#include <vector>

#include "harness/core/verdict.h"

namespace sunder::testing_support {

struct JudgedRuns {
  std::string system;
  std::string workload;
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};
  std::string claim{};             // empty: the system's own
  std::string nemeses = "all";
  std::uint64_t seeds = 6;
  bool until_invalid = false;      // ends with the first invalid run
  std::string time_budget = "30s";  // of the judging of one run
};

struct JudgedTally {
  std::uint64_t valid = 0;
  std::uint64_t unknown = 0;
  std::uint64_t invalid = 0;
  std::string first_trouble;                    // what was said of the first run that was not valid
  std::string anomaly;                          // the name of the first one of an invalid run
  std::map<std::string, std::uint64_t> probes;  // of all runs together
};

/// Thirty virtual seconds of faults for each seed from 1 on.
JudgedTally play(const JudgedRuns& wanted);

/// "lock lease hold=4s flaw lease-by-wall-clock".
std::string told(const JudgedRuns& wanted);

}  // namespace sunder::testing_support
