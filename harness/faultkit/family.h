#pragma once
// Processes found through /proc: what descends from one, what carries a mark.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace sunder {

/// Children, their children and so on. What is orphaned on the way descends from the nearest
/// subreaper, so a subreaper's family stays whole.
std::vector<pid_t> family_of(pid_t ancestor);

/// Processes whose environment has exactly this NAME=VALUE.
std::vector<pid_t> marked_with(const std::string& variable);

/// Sends a signal to all that `find` finds, again until it finds nobody new: processes may fork
/// meanwhile.
void signal_all(int number, const std::function<std::vector<pid_t>()>& find);

}  // namespace sunder
