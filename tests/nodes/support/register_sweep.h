#pragma once
// Register systems under a private load in the simulator, judged by any model: reads and writes of
// unique values over a few keys.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/verdict.h"

namespace sunder::testing_support {

struct RegisterSweep {
  std::string system;
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};
  std::string claim{};             // empty: the system's own
  int keys = 5;
  std::string nemeses = "all";
  std::uint64_t seeds = 10;
  bool until_invalid = false;      // ends with the first invalid run
};

struct RegisterTally {
  std::uint64_t valid = 0;
  std::uint64_t unknown = 0;
  std::uint64_t invalid = 0;
  std::string first_trouble;  // what was said of the first run that was not valid
};

/// Thirty virtual seconds of faults, and final reads, for each seed from 1 on.
RegisterTally sweep(const RegisterSweep& wanted);

}  // namespace sunder::testing_support
