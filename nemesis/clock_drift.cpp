// Drift: wall clocks that run too fast or too slow, ever further from each other.

#include "nemesis/policy/clocks.h"

namespace sunder {

void add_clock_drift(Registry<Nemesis>& registry) {
  registry.add(course_nemesis({
      .name = "clock-drift",
      .summary = "makes wall clocks run too fast or too slow, later sets them right",
      .begin = "drift-clock",
      .options = {{"max-rate", OptionSpec::Kind::integer, "500000",
                   "the largest wrong rate in millionths of the time; the smallest is 100"}},
      .draw =
          [](const Options& options, Rng& rng) {
            // Drawn as a duration gained in a second, whose unit is of no matter.
            Duration gained = draw_magnitude(Duration{100}, Duration{options.integer("max-rate")},
                                             rng);
            return ClockCourse{.rate_ppm = gained.count()};
          },
      .either_way = true,
  }));
}

}  // namespace sunder
