#pragma once
// Workloads of the catalogue, played offline.

#include <map>
#include <string>
#include <vector>

#include "harness/api/workload.h"
#include "harness/generate/simulate.h"

namespace sunder::testing_support {

Workload workload_named(const std::string& name);
std::vector<std::string> workload_names();

struct OfflineRun {
  std::map<std::string, std::string> set{};  // options
  int concurrency = 10;
  std::uint64_t seed = 7;
  std::size_t ops = 2000;  // at most
};
gen::Play play_load(const std::string& workload, const OfflineRun& run = {},
                    gen::Answers answers = gen::perfect());
gen::Play play_finale(const std::string& workload, const OfflineRun& run = {},
                      gen::Answers answers = gen::perfect());

/// How often each verb was invoked.
std::map<std::string, std::size_t> verbs_of(const gen::Play& play);
/// The key of [key value]. REQUIRES: it is one.
std::int64_t key_of(const Op& op);
const Value& argument_of(const Op& op);  // the other half

}  // namespace sunder::testing_support
