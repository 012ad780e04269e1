#pragma once
// Counter-based randomness. A draw is a pure function of (seed, stream, event), so removing one
// fault from a run does not shift any other choice, and every machine draws the same numbers.
// Integers only: floating point differs between processors.

#include <cstdint>
#include <string_view>

#include "harness/core/time.h"

namespace sunder {

/// What the randomness is for. Streams never share draws.
struct Stream {
  std::uint64_t id = 0;
  /// A stream named by its purpose and, where there are several, by an index (a node, a link).
  static Stream of(std::string_view purpose, std::uint64_t index = 0);
};

/// One 64-bit draw: three rounds of the splitmix64 finaliser (Steele, Lea, Flood, OOPSLA 2014)
/// over the three keys.
std::uint64_t draw(std::uint64_t seed, Stream stream, std::uint64_t event);

/// A probability as a ratio, exact on every machine.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
  bool operator==(const Ratio&) const = default;
};

/// Draws of one stream in order of a counter that belongs to the copy: copying an Rng copies its
/// place, so immutable holders stay immutable.
class Rng {
 public:
  Rng(std::uint64_t seed, Stream stream) : seed_(seed), stream_(stream) {}

  std::uint64_t next() { return draw(seed_, stream_, event_++); }
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound). REQUIRES: bound > 0
  std::int64_t between(std::int64_t low, std::int64_t high);  // inclusive. REQUIRES: low <= high
  Duration between(Duration low, Duration high);
  bool chance(Ratio ratio);
  Duration exponential(Duration mean);  // from an integer table, at most 8 times the mean
  /// The sum of four uniform draws: within 2 % of the normal law, and never over 3.5 deviations.
  Duration normal(Duration deviation);
  /// Lomax's law of shape 2: heavy-tailed, with an infinite variance if it were not cut off at 64
  /// times the mean.
  Duration pareto(Duration mean);
  std::uint64_t draws() const { return event_; }

 private:
  std::uint64_t seed_;
  Stream stream_;
  std::uint64_t event_ = 0;
};

}  // namespace sunder
