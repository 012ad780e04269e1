#pragma once
// Waiting until a wall clock's time while the clock may be bent meanwhile. The kernel would wake
// such a waiter when its clock is set; here waits are cut into slices by the monotonic clock, so
// that a change is noticed at the next one.

#include <errno.h>

#include "harness/faultkit/clock/preload/real.h"

namespace sunder {

inline constexpr std::int64_t slice_most = clock_second / 20;
inline constexpr std::int64_t never = INT64_MAX;

inline bool is_valid(const timespec& time) {
  return time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < clock_second;
}

/// For how long by a right clock the wall clock takes to get to a time, the way it goes now, not
/// counting its strobe; 0 if it is there.
inline std::int64_t time_until(const timespec& deadline) {
  constexpr std::int64_t far = INT64_MAX / 4 / clock_second;  // keeps the arithmetic within bounds
  if (deadline.tv_sec > far) return never;
  std::int64_t left = nanoseconds_of(deadline) - wall_now();
  if (left <= 0) return 0;
  ClockBend bend = present_bend();
  if (bend.bent == 0 || bend.rate_ppm == 0 || bend.gain_most > 0) return left;
  constexpr std::int64_t million = 1'000'000;
  if (bend.rate_ppm <= -million) return never;
  std::int64_t rate = million + bend.rate_ppm;
  if (left / rate > never / million - 1) return never;
  return left / rate * million + left % rate * million / rate + 1;
}

/// The end of the next slice, by the monotonic clock.
inline timespec slice_end(const timespec& deadline) {
  std::int64_t left = time_until(deadline);
  return timespec_of(monotonic_now() + (left < slice_most ? left : slice_most));
}

/// Tries again and again, each time until the end of a slice, for as long as `attempt` says
/// ETIMEDOUT and the deadline is not reached. Only for what keeps nobody's wake-up to itself.
template <class Attempt>
int in_slices(const timespec& deadline, Attempt attempt) {
  while (true) {
    timespec end = slice_end(deadline);
    int result = attempt(&end);
    if (result != ETIMEDOUT || time_until(deadline) == 0) return result;
  }
}

}  // namespace sunder
