#include "harness/crashfs/policy.h"

namespace sunder::crashfs {

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::none: return "none";
    case Policy::all: return "all";
    case Policy::prefix: return "prefix";
    case Policy::subset: return "subset";
    case Policy::torn_512: return "torn-512";
    case Policy::torn_4096: return "torn-4096";
    case Policy::drop_names: return "drop-names";
    case Policy::drop_data: return "drop-data";
  }
  return "?";
}

const std::vector<Policy>& all_policies() {
  static const std::vector<Policy> policies{
      Policy::none,     Policy::all,       Policy::prefix,     Policy::subset,
      Policy::torn_512, Policy::torn_4096, Policy::drop_names, Policy::drop_data};
  return policies;
}

std::optional<Policy> policy_named(std::string_view name) {
  for (Policy policy : all_policies()) {
    if (to_string(policy) == name) return policy;
  }
  return {};
}

}  // namespace sunder::crashfs
