#include "harness/core/clock_course.h"

#include <algorithm>

namespace sunder {

Duration gain_of(const ClockCourse& course, Duration elapsed) {
  constexpr std::int64_t million = 1'000'000;
  std::int64_t whole = elapsed.count() / million * course.rate_ppm;
  Duration gain{whole + elapsed.count() % million * course.rate_ppm / million};
  if (course.gain_most.count() > 0) {
    gain = std::clamp(gain, -course.gain_most, course.gain_most);
  }
  bool strobes = course.strobe_period.count() > 0;
  if (strobes && elapsed / course.strobe_period % 2 == 0) gain += course.strobe;
  return gain;
}

}  // namespace sunder
