#pragma once
// A node's wall clock, to be bent. It is the machine's and not a process's: what is done to it
// stays while processes come and go.

#include <filesystem>

#include "harness/core/result.h"
#include "harness/faultkit/clock/clock_page.h"

namespace sunder {

/// The two clocks of this machine, read at the same moment, in nanoseconds.
struct ClockReading {
  std::int64_t monotonic = 0;
  std::int64_t wall = 0;
};
ClockReading read_clocks();

/// How a wall clock goes wrong: the numbers of a ClockCourse.
struct ClockTurn {
  std::int64_t rate_ppm = 0;
  std::int64_t gain_most = 0;
  std::int64_t strobe = 0;
  std::int64_t strobe_period = 0;
};

class WallClock {
 public:
  /// Makes the file that processes map. It is readable for all, and writable for its owner.
  static Result<WallClock> create(std::filesystem::path file);
  WallClock(WallClock&& other) noexcept;
  WallClock& operator=(WallClock&& other) = delete;
  ~WallClock();

  const std::filesystem::path& file() const { return file_; }
  bool is_bent() const { return page().read().bent != 0; }
  void step(std::int64_t nanoseconds);
  /// Replaces the course; what that gained so far stays, and a strobe jumps back.
  void bend(const ClockTurn& turn);
  void reset();

 private:
  WallClock(std::filesystem::path file, void* mapping);
  ClockPage& page() const;
  /// How it goes, as a bent clock even if it is right.
  ClockBend present(const ClockReading& now) const;

  std::filesystem::path file_;
  void* mapping_ = nullptr;
};

}  // namespace sunder
