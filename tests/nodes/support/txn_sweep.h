#pragma once
// Transactional systems under the loads of the catalogue in the simulator.

#include <map>
#include <string>
#include <vector>

namespace sunder::testing_support {

struct TxnSweep {
  std::string system;
  std::string workload = "bank";
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};
  std::string nemeses = "all";
  std::uint64_t seeds = 6;
  bool until_invalid = false;  // ends with the first invalid run
};

struct TxnTally {
  std::uint64_t valid = 0;
  std::uint64_t undecided = 0;  // unknown, and only because no checker decides the claim
  std::uint64_t unknown = 0;    // for any other reason
  std::uint64_t invalid = 0;
  std::uint64_t back_after_healing = 0;      // runs in which operations were ok then
  std::map<std::string, std::uint64_t> probes;
  std::string first_anomaly;  // of the first invalid run
  std::string first_trouble;  // what was said of the first run that was not valid
};

/// Thirty virtual seconds for each seed from 1 on.
TxnTally sweep(const TxnSweep& wanted);
std::string told(const TxnSweep& wanted);

}  // namespace sunder::testing_support
