#pragma once
// A process that removes a control group once nobody is left who could.

#include "harness/faultkit/control_group.h"

namespace sunder {

/// Forks the keeper. When the last process that holds the returned descriptor is gone, however it
/// ended, the keeper ends all in the group, removes it and exits. REQUIRES: the caller has not yet
/// left the PID namespace of whoever is to survive it.
Result<Descriptor> keep_group(ControlGroup& group);

/// Who is in a group may take long to die: on an overloaded machine, or when a disk hangs. Tries
/// for about a minute.
void remove_patiently(ControlGroup& group);

}  // namespace sunder
