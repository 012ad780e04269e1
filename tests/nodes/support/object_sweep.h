#pragma once
// Systems of replicated objects in the simulator, over many seeds.

#include <map>
#include <string>
#include <vector>

namespace sunder::testing_support {

struct ObjectSweep {
  std::string system;
  std::string workload;
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};
  std::map<std::string, std::string> demands{};  // options of the claim's checker
  std::string nemeses = "all";
  std::uint64_t seeds = 3;
  bool until_invalid = false;  // ends with the first invalid run
};

struct ObjectTally {
  std::uint64_t valid = 0;
  std::uint64_t invalid = 0;
  std::string anomaly;        // the first of the first invalid run
  std::string first_trouble;  // what was said of the first run that was not valid
};

ObjectTally sweep(const ObjectSweep& wanted);

}  // namespace sunder::testing_support
