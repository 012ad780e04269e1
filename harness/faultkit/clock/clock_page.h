#pragma once
// The page through which the processes of a node read a wall clock that goes wrong: what is in it,
// and the arithmetic. Also compiled into code that runs inside those processes without any library,
// so this file knows no other and has only what compilers turn into plain instructions.

#include <time.h>

#include <atomic>
#include <cstdint>

namespace sunder {

inline constexpr std::int64_t clock_second = 1'000'000'000;

/// How a wall clock goes, in nanoseconds. It is told from the monotonic clock, which stays right:
/// what has been told once cannot be bent a second time.
struct ClockBend {
  std::int64_t bent = 0;           // 0: the clock is right, and the rest means nothing
  std::int64_t since = 0;          // CLOCK_MONOTONIC, when the course began
  std::int64_t wall = 0;           // what the wall clock showed then
  std::int64_t tai = 0;            // CLOCK_TAI minus the wall clock
  std::int64_t rate_ppm = 0;       // as in ClockCourse of harness/api/cluster.h, from here on
  std::int64_t gain_most = 0;
  std::int64_t strobe = 0;
  std::int64_t strobe_period = 0;
};

/// What the course has gained after a while, without its strobe.
inline std::int64_t rate_gain(const ClockBend& bend, std::int64_t elapsed) {
  constexpr std::int64_t million = 1'000'000;
  std::int64_t gain = elapsed / million * bend.rate_ppm;
  gain += elapsed % million * bend.rate_ppm / million;
  if (bend.gain_most > 0 && gain > bend.gain_most) return bend.gain_most;
  if (bend.gain_most > 0 && gain < -bend.gain_most) return -bend.gain_most;
  return gain;
}

/// What the wall clock shows at a time of the monotonic clock. REQUIRES: bend.bent.
inline std::int64_t wall_at(const ClockBend& bend, std::int64_t monotonic) {
  std::int64_t elapsed = monotonic - bend.since;
  bool strobes = bend.strobe_period > 0 && elapsed / bend.strobe_period % 2 == 0;
  return bend.wall + elapsed + rate_gain(bend, elapsed) + (strobes ? bend.strobe : 0);
}

inline std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * clock_second + time.tv_nsec;
}
inline timespec timespec_of(std::int64_t nanoseconds) {
  std::int64_t seconds = nanoseconds / clock_second;
  std::int64_t rest = nanoseconds % clock_second;
  if (rest < 0) {  // before 1970
    --seconds;
    rest += clock_second;
  }
  return {.tv_sec = seconds, .tv_nsec = rest};
}

/// In shared memory: one process writes, all of a node's read. A sequence lock keeps what they read
/// whole.
class ClockPage {
 public:
  ClockBend read() const {
    ClockBend bend;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    do {
      before = sequence_.load(std::memory_order_acquire);
      bend.bent = bent_.load(std::memory_order_relaxed);
      if (bend.bent != 0) {
        bend.since = since_.load(std::memory_order_relaxed);
        bend.wall = wall_.load(std::memory_order_relaxed);
        bend.tai = tai_.load(std::memory_order_relaxed);
        bend.rate_ppm = rate_ppm_.load(std::memory_order_relaxed);
        bend.gain_most = gain_most_.load(std::memory_order_relaxed);
        bend.strobe = strobe_.load(std::memory_order_relaxed);
        bend.strobe_period = strobe_period_.load(std::memory_order_relaxed);
      }
      std::atomic_thread_fence(std::memory_order_acquire);
      after = sequence_.load(std::memory_order_relaxed);
    } while (before != after || before % 2 != 0);
    return bend;
  }

  /// Another one after each write.
  std::uint64_t version() const { return sequence_.load(std::memory_order_acquire); }

  void write(const ClockBend& bend) {
    std::uint64_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    bent_.store(bend.bent, std::memory_order_relaxed);
    since_.store(bend.since, std::memory_order_relaxed);
    wall_.store(bend.wall, std::memory_order_relaxed);
    tai_.store(bend.tai, std::memory_order_relaxed);
    rate_ppm_.store(bend.rate_ppm, std::memory_order_relaxed);
    gain_most_.store(bend.gain_most, std::memory_order_relaxed);
    strobe_.store(bend.strobe, std::memory_order_relaxed);
    strobe_period_.store(bend.strobe_period, std::memory_order_relaxed);
    sequence_.store(before + 2, std::memory_order_release);
  }

 private:
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::int64_t> bent_{0};
  std::atomic<std::int64_t> since_{0};
  std::atomic<std::int64_t> wall_{0};
  std::atomic<std::int64_t> tai_{0};
  std::atomic<std::int64_t> rate_ppm_{0};
  std::atomic<std::int64_t> gain_most_{0};
  std::atomic<std::int64_t> strobe_{0};
  std::atomic<std::int64_t> strobe_period_{0};
};

/// The clocks that a wall clock's fault bends, each with the monotonic clock that tells it.
struct BentClock {
  bool bent = false;
  clockid_t told_by = CLOCK_MONOTONIC;
  bool is_tai = false;
};
inline BentClock bent_clock(clockid_t id) {
  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_ALARM) return {true, CLOCK_MONOTONIC, false};
  if (id == CLOCK_REALTIME_COARSE) return {true, CLOCK_MONOTONIC_COARSE, false};
  if (id == CLOCK_TAI) return {true, CLOCK_MONOTONIC, true};
  return {};
}

// The file that is mapped: a page of code (hook.h), then the ClockPage.
inline constexpr std::uintptr_t clock_file_page = 4096;
inline constexpr std::uintptr_t clock_file_size = 2 * clock_file_page;

}  // namespace sunder
