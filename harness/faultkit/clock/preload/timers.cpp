// Timers that go off at a time of the wall clock. They are set for when the clock gets there the
// way it goes at this moment; a later change of the clock does not move them.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/faultkit/clock/preload/deadline.h"

using namespace sunder;

namespace {

// Which timers go by the wall clock, by their numbers in the kernel, which are small. One that is
// past the table keeps the kernel's time.
constexpr std::uintptr_t timers_most = 4096;
constinit std::atomic<bool> by_wall_clock[timers_most];

bool goes_by_wall_clock(timer_t timer) {
  auto number = reinterpret_cast<std::uintptr_t>(timer);
  return number < timers_most && by_wall_clock[number].load(std::memory_order_relaxed);
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

bool is_set(const timespec& time) { return time.tv_sec != 0 || time.tv_nsec != 0; }

/// The time of the kernel's wall clock at which the node's shows this one.
timespec kernel_time(const timespec& time) {
  constexpr std::int64_t far = 100LL * 365 * 86'400 * clock_second;  // of a clock that stands still
  std::int64_t left = time_until(time);
  return timespec_of(kernel_wall_now() + (left < far ? left : far));
}

}  // namespace

SUNDER_INTERPOSE int timerfd_settime(int descriptor, int flags, const itimerspec* fresh,
                                     itimerspec* old) noexcept {
  bool translates = (flags & TFD_TIMER_ABSTIME) != 0 && present_bend().bent != 0 &&
                    is_set(fresh->it_value) && is_valid(fresh->it_value) &&
                    goes_by_wall_clock(descriptor);
  if (!translates) return real().timerfd_settime(descriptor, flags, fresh, old);
  itimerspec translated = *fresh;
  translated.it_value = kernel_time(fresh->it_value);
  return real().timerfd_settime(descriptor, flags, &translated, old);
}

SUNDER_INTERPOSE int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  int result = real().timer_create(clock, event, timer);
  if (result != 0) return result;
  auto number = reinterpret_cast<std::uintptr_t>(*timer);
  if (number < timers_most) {
    by_wall_clock[number].store(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM,
                                std::memory_order_relaxed);
  }
  return 0;
}

SUNDER_INTERPOSE int timer_settime(timer_t timer, int flags, const itimerspec* fresh,
                                   itimerspec* old) noexcept {
  bool translates = (flags & TIMER_ABSTIME) != 0 && present_bend().bent != 0 &&
                    is_set(fresh->it_value) && is_valid(fresh->it_value) &&
                    goes_by_wall_clock(timer);
  if (!translates) return real().timer_settime(timer, flags, fresh, old);
  itimerspec translated = *fresh;
  translated.it_value = kernel_time(fresh->it_value);
  return real().timer_settime(timer, flags, &translated, old);
}
