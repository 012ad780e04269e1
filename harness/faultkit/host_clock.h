#pragma once
// A host's wall clock as a fault bends it, and what else on that host would set it right.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"

namespace sunder {

/// Both clocks at one moment. `boot` is time since boot by the machine's oscillator, suspended time
/// included: no fault bends it, nor does a time service.
struct HostClockReading {
  Duration wall{0};  // since the Unix epoch
  Duration boot{0};
};

/// How fast a wall clock runs, in adjtimex()'s terms.
struct ClockRate {
  std::int64_t tick = 10'000;  // microseconds for every hundredth of a second
  std::int64_t frequency = 0;  // millionths, times 65536
  int status = 0;
  bool operator==(const ClockRate&) const = default;
};
/// What a wall clock at this rate gains while the oscillator counts `elapsed`.
Duration gained_at(const ClockRate& rate, Duration elapsed);

class HostClock {
 public:
  virtual ~HostClock() = default;
  virtual HostClockReading read() const = 0;
  /// Sets the wall clock so that it is ahead of the time since boot by this.
  virtual Status set(Duration ahead) = 0;
  virtual Result<ClockRate> rate() const = 0;
  virtual Status set_rate(const ClockRate& rate) = 0;

  /// Whether it may be bent at all; else why not. `controller_boot` is the boot id of the machine
  /// that asks: nobody is to bend his own clock by accident.
  virtual Status may_be_bent(const std::string& controller_boot) const = 0;
  /// The running services that set this clock. Error: one runs that cannot be stopped.
  virtual Result<std::vector<std::string>> services() const = 0;
  virtual Status stop(const std::string& service) = 0;
  virtual Status start(const std::string& service) = 0;
};

/// This machine's own.
std::unique_ptr<HostClock> own_clock();
/// Names this boot of this machine's kernel.
std::string boot_id();

}  // namespace sunder
