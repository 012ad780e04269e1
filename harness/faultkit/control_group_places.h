#pragma once
// Where this machine keeps control groups: version 1 mounts each controller by itself, version 2
// all of them in one tree, and a machine may have some of both.

#include <array>
#include <filesystem>
#include <map>
#include <string_view>

#include "harness/core/result.h"

namespace sunder {

enum class Controller : std::uint8_t { cpu, accounting, memory, pids, disk, freezer };
inline constexpr std::array<Controller, 6> all_controllers = {
    Controller::cpu,  Controller::accounting, Controller::memory,
    Controller::pids, Controller::disk,       Controller::freezer};

/// A folder in which groups are made, and which files they then have.
struct ControllerPlace {
  std::filesystem::path folder;
  int version = 1;
};
using ControlGroupPlaces = std::map<Controller, ControllerPlace>;

/// What `mounts` and `own`, the texts of /proc/self/mountinfo and /proc/self/cgroup, say. In
/// version 1 a group is made below our own, so that limits around us hold; in version 2 at the top
/// of the tree, because a group that has processes cannot hand controllers on.
ControlGroupPlaces control_group_places(std::string_view mounts, std::string_view own);

/// Those of this machine, all controllers. Errors name what is missing and the cure.
Result<ControlGroupPlaces> find_control_groups();

}  // namespace sunder
