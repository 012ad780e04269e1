// Setting timers: which of them go by the wall clock.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/faultkit/clock/preload/deadline.h"
#include "harness/faultkit/clock/preload/wall_timers.h"

using namespace sunder;

namespace {

// Which timers go by the wall clock, by their numbers in the kernel, which are small. One that is
// past the table keeps the kernel's time.
constexpr std::uintptr_t numbers_most = 4096;
constinit std::atomic<bool> by_wall_clock[numbers_most];

bool goes_by_wall_clock(timer_t timer) {
  auto number = reinterpret_cast<std::uintptr_t>(timer);
  return number < numbers_most && by_wall_clock[number].load(std::memory_order_relaxed);
}

/// As the kernel says of the descriptor.
bool goes_by_wall_clock(int descriptor) {
  char path[64];
  ::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", descriptor);
  int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char text[512];
  ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return false;
  text[size] = '\0';
  constexpr char key[] = "clockid: ";
  const char* clock = ::strstr(text, key);
  if (clock == nullptr) return false;
  long id = ::strtol(clock + sizeof key - 1, nullptr, 10);
  return id == CLOCK_REALTIME || id == CLOCK_REALTIME_ALARM;
}

/// Whether it is told a time of a clock, that may be the wall clock. Otherwise nothing is to be
/// translated, nor if what is asked for is not allowed.
bool names_a_time(int flags, int absolute, const itimerspec& asked) {
  const timespec& time = asked.it_value;
  return real().page != nullptr && (flags & absolute) != 0 && is_valid(time) &&
         (time.tv_sec != 0 || time.tv_nsec != 0);
}

}  // namespace

SUNDER_INTERPOSE int timerfd_settime(int descriptor, int flags, const itimerspec* fresh,
                                     itimerspec* old) noexcept {
  WallTimer timer{.kind = WallTimer::Kind::descriptor,
                  .descriptor = descriptor,
                  .flags = flags,
                  .asked = *fresh};
  bool translates =
      names_a_time(flags, TFD_TIMER_ABSTIME, *fresh) && goes_by_wall_clock(descriptor);
  return translates ? set_wall_timer(timer, old) : set_plain_timer(timer, old);
}

SUNDER_INTERPOSE int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  int result = real().timer_create(clock, event, timer);
  if (result != 0) return result;
  auto number = reinterpret_cast<std::uintptr_t>(*timer);
  if (number < numbers_most) {
    by_wall_clock[number].store(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM,
                                std::memory_order_relaxed);
  }
  return 0;
}

SUNDER_INTERPOSE int timer_settime(timer_t timer, int flags, const itimerspec* fresh,
                                   itimerspec* old) noexcept {
  WallTimer wall{.kind = WallTimer::Kind::posix, .posix = timer, .flags = flags, .asked = *fresh};
  bool translates = names_a_time(flags, TIMER_ABSTIME, *fresh) && goes_by_wall_clock(timer);
  return translates ? set_wall_timer(wall, old) : set_plain_timer(wall, old);
}
