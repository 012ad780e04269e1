// Strobing wall clocks: they jump to and fro many times a second, as Jepsen makes them.

#include "nemesis/policy/clocks.h"

namespace sunder {

void add_clock_strobe(Registry<Nemesis>& registry) {
  registry.add(course_nemesis({
      .name = "clock-strobe",
      .summary = "makes wall clocks jump to and fro all the time, later sets them right",
      .begin = "strobe-clock",
      .options = {{"max-step", OptionSpec::Kind::duration, "10s",
                   "the largest jump of a clock, either way; the smallest is 100ms"},
                  {"max-period", OptionSpec::Kind::duration, "200ms",
                   "the longest time between jumps; the shortest is 5ms"}},
      .draw =
          [](const Options& options, Rng& rng) {
            constexpr Duration least = std::chrono::milliseconds(100);
            constexpr Duration shortest = std::chrono::milliseconds(5);
            Duration step = draw_magnitude(least, options.duration("max-step"), rng);
            Duration period = draw_magnitude(shortest, options.duration("max-period"), rng);
            return ClockCourse{.strobe = step, .strobe_period = std::chrono::abs(period)};
          },
      .either_way = true,
  }));
}

}  // namespace sunder
