#pragma once
// How a wall clock may go wrong.

#include <cstdint>

#include "harness/core/time.h"

namespace sunder {

/// How a wall clock goes wrong from now on, on top of its offset.
struct ClockCourse {
  std::int64_t rate_ppm = 0;    // gains so many millionths of the time; -1'000'000: it stands still
  Duration gain_most{0};        // then it goes right again, as a slewed clock does; 0: never
  Duration strobe{0};           // jumps by so much and back again,
  Duration strobe_period{0};    // each time after this while
  bool operator==(const ClockCourse&) const = default;
};
/// What a clock on this course has gained after a while.
Duration gain_of(const ClockCourse& course, Duration elapsed);

}  // namespace sunder
