// Reading the clock. In a process whose vDSO is redirected the C library's own functions are bent
// already; both tell the bent time from the monotonic clock, so that it is not bent twice.

#include <sys/timeb.h>

#include "harness/faultkit/clock/preload/real.h"

using namespace sunder;

SUNDER_INTERPOSE int clock_gettime(clockid_t id, timespec* time) noexcept {
  BentClock clock = bent_clock(id);
  ClockBend bend = clock.bent ? present_bend() : ClockBend{};
  if (bend.bent == 0) return real().clock_gettime(id, time);
  std::int64_t wall = wall_at(bend, monotonic_now(clock.told_by));
  *time = timespec_of(wall + (clock.is_tai ? bend.tai : 0));
  return 0;
}

// Under another name here: the header promises that nobody passes null, and some do.
SUNDER_INTERPOSE int bent_gettimeofday(timeval* time, void* zone) __asm__("gettimeofday");
int bent_gettimeofday(timeval* time, void* zone) {
  ClockBend bend = present_bend();
  if (time == nullptr || bend.bent == 0) return real().gettimeofday(time, zone);
  timespec parts = timespec_of(wall_at(bend, monotonic_now()));
  *time = {.tv_sec = parts.tv_sec, .tv_usec = parts.tv_nsec / 1000};
  return zone == nullptr ? 0 : real().gettimeofday(nullptr, zone);
}

SUNDER_INTERPOSE time_t time(time_t* seconds) noexcept {
  ClockBend bend = present_bend();
  if (bend.bent == 0) return real().time(seconds);
  time_t whole = timespec_of(wall_at(bend, monotonic_now())).tv_sec;
  if (seconds != nullptr) *seconds = whole;
  return whole;
}

SUNDER_INTERPOSE int timespec_get(timespec* time, int base) noexcept {
  ClockBend bend = present_bend();
  if (base != TIME_UTC || bend.bent == 0) return real().timespec_get(time, base);
  *time = timespec_of(wall_at(bend, monotonic_now()));
  return base;
}

SUNDER_INTERPOSE int ftime(timeb* time) {
  timespec parts = timespec_of(wall_now());
  *time = {.time = parts.tv_sec,
           .millitm = static_cast<unsigned short>(parts.tv_nsec / 1'000'000),
           .timezone = 0,
           .dstflag = 0};
  return 0;
}
