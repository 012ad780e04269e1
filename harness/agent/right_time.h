#pragma once
// What a bent clock is to be set right by: read before, kept in the undo journal.

#include <optional>
#include <string>
#include <vector>

#include "harness/faultkit/host_clock.h"

namespace sunder {

/// A wall clock's offset to the time since boot, its rate, and the services that kept it right.
/// From it the right time is known whatever was done to the clock since, and however often.
struct RightTime {
  HostClockReading reading;
  ClockRate rate;
  std::string boot;  // the boot that `reading` counts from
  std::vector<std::string> services;

  static Result<RightTime> read(const HostClock& clock);
  /// What the wall clock should show.
  Duration wall_at(Duration boot_time) const;
  /// Sets the clock right and starts its services. After another boot only these: a kernel begins
  /// with the time of the machine's own clock, to which no fault has been written.
  Status restore(HostClock& clock) const;

  std::string to_text() const;  // one line
  static std::optional<RightTime> from_text(const std::string& text);
};

}  // namespace sunder
