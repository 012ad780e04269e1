#pragma once
// Three kinds of time that must never be mixed up.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/result.h"

namespace sunder {

using Duration = std::chrono::nanoseconds;

/// Monotonic time with its own origin: a run's beginning for the run loop, a boot for a node.
struct MonotonicClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicClock::time_point;

/// What a wall clock says, since the Unix epoch; clock faults bend it.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr Instant at_start{};
inline constexpr Instant never{Duration::max()};

inline std::int64_t nanoseconds(Duration duration) { return duration.count(); }
inline std::int64_t nanoseconds(Instant instant) { return instant.time_since_epoch().count(); }
inline Instant instant_at(std::int64_t nanoseconds_since_start) {
  return Instant{Duration{nanoseconds_since_start}};
}

/// "1.5s", "200ms", "30" (seconds), "2m", "10us", "5ns", "1h". Never negative.
Result<Duration> parse_duration(std::string_view text);
/// The shortest of the same forms that is exact to three digits: "1.50s", "200ms".
std::string format_duration(Duration duration);
/// "2026-11-22T21:09:53.123Z" in UTC.
std::string format_utc(WallTime time);

}  // namespace sunder
