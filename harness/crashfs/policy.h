#pragma once
// How a power cut chooses among the legal states.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sunder::crashfs {

enum class Policy : std::uint8_t {
  none,        // nothing that was not synced is left
  all,         // everything is left: what a process sees whose machine goes on
  prefix,      // all up to one moment is left, and nothing after it
  subset,      // each operation on names is left or not; of each file, a prefix of its changes
  torn_512,    // as subset, but each sector of a file for itself, and sizes apart from data
  torn_4096,   // the same by pages
  drop_names,  // all data, and no name that was not synced
  drop_data,   // all names and sizes, and no data that was not synced
};
std::string_view to_string(Policy policy);
std::optional<Policy> policy_named(std::string_view name);
const std::vector<Policy>& all_policies();

}  // namespace sunder::crashfs
