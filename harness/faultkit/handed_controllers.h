#pragma once
// The controllers of version 2 that a folder of control groups hands on to those in it. That is the
// machine's own setting: what we switch on there is marked, and the last of our groups takes it
// back.

#include <string_view>

#include "harness/faultkit/descriptor.h"

namespace sunder {

/// How the names of all our groups begin.
inline constexpr std::string_view control_group_prefix = "sunder-";

/// Held while groups come or go in a folder, so that nobody takes back what another just needs.
/// Released with the descriptor.
Descriptor lock_control_groups(int folder);

/// Switches on what groups need and the folder does not hand on yet. What cannot be handed on is
/// left: a limit that misses it will say so. REQUIRES: locked.
void hand_controllers_on(int folder);

/// Switches off what was switched on by us, unless a group of ours is in the folder. In a folder
/// of version 1 there is nothing to do. REQUIRES: locked.
void take_controllers_back(int folder);

}  // namespace sunder
