#pragma once
// Faults that change what a disk holds: one shape for all, an act of crashfs says how.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

struct DiskDamage {
  std::string name;
  std::string summary;
  std::string begin;                // verb
  std::vector<OptionSpec> options;  // beside whom it strikes
  /// The act that an op carries (harness/crashfs/control.h).
  std::function<Map(const Options&)> act;
  /// What of it can be mended, as the act `mend` calls it. Empty: nothing, so that it is over with
  /// the op that begins it.
  std::string mend;
  /// It goes back to a snapshot of this name, taken when the op begins. The option `age` says how
  /// long after that it strikes.
  std::string snapshot;
};

/// Kills nodes chosen by role, changes what their disks hold and starts them again, so that they
/// read it: whether they then run is for the evidence to say. Confirmed when every one of these
/// disks says what has changed. The end mends what nobody has written over and starts who is down;
/// its verb is mend-NAME.
Nemesis disk_damage_nemesis(DiskDamage damage);

/// How long a snapshot is kept before it counts.
OptionSpec age_option();
/// As the value of an op states it, or the default.
Duration age_of(const Value& value);

}  // namespace sunder
