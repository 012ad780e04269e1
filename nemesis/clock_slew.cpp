// Slewed wall clocks, as time services correct them: instead of a jump, a wrong rate until a wrong
// offset is reached. The clock never goes back.

#include "nemesis/policy/clocks.h"

namespace sunder {

void add_clock_slew(Registry<Nemesis>& registry) {
  registry.add(course_nemesis({
      .name = "clock-slew",
      .summary = "leads wall clocks gradually to a wrong time, later sets them right",
      .begin = "slew-clock",
      .options = {{"max-offset", OptionSpec::Kind::duration, "2s",
                   "the largest wrong time, either way; the smallest is 200ms"},
                  {"rate", OptionSpec::Kind::integer, "100000",
                   "how fast it is reached, in millionths of the time"}},
      .draw =
          [](const Options& options, Rng& rng) {
            constexpr Duration least = std::chrono::milliseconds(200);
            Duration offset = draw_magnitude(least, options.duration("max-offset"), rng);
            std::int64_t rate = options.integer("rate");
            return ClockCourse{.rate_ppm = offset.count() > 0 ? rate : -rate,
                               .gain_most = std::chrono::abs(offset)};
          },
      .either_way = true,
  }));
}

}  // namespace sunder
