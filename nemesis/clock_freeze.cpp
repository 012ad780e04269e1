// Frozen wall clocks: time goes on, and the clock does not, as in a virtual machine whose clock
// source is gone.

#include "nemesis/policy/clocks.h"

namespace sunder {

void add_clock_freeze(Registry<Nemesis>& registry) {
  registry.add(course_nemesis({
      .name = "clock-freeze",
      .summary = "makes wall clocks stand still, later sets them right",
      .begin = "freeze-clock",
      .options = {},
      .draw = [](const Options&, Rng&) { return ClockCourse{.rate_ppm = -1'000'000}; },
  }));
}

}  // namespace sunder
