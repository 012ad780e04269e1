// Compiled with options of its own (CMakeLists.txt): whatever the functions of this file's section
// do has to be plain instructions in that section, as nothing else of the program is copied along.

#include "harness/faultkit/clock/hook.h"

#if defined(__x86_64__)

#include <sys/syscall.h>

extern "C" {
// The linker's names for the section's begin and end.
extern const std::byte __start_sunder_hook[];
extern const std::byte __stop_sunder_hook[];
}

namespace sunder {
namespace {

#define HOOK extern "C" [[gnu::section("sunder_hook"), gnu::used]]
#define INLINE [[gnu::always_inline]] inline

/// The page that this very code has been copied to.
INLINE std::uintptr_t own_page() {
  std::uintptr_t here = 0;
  __asm__("lea 0(%%rip), %0" : "=r"(here));
  return here / clock_file_page * clock_file_page;
}
INLINE const HookSlots& slots() {
  return *reinterpret_cast<const HookSlots*>(own_page() + hook_slots_offset);
}
INLINE const ClockPage& page() {
  return *reinterpret_cast<const ClockPage*>(own_page() + clock_file_page);
}

/// Whether the wall clock is bent; then also what it shows.
INLINE bool bent_wall(std::int64_t& wall) {
  ClockBend bend = page().read();
  if (bend.bent == 0) return false;
  timespec now{};
  if (slots().clock_gettime(CLOCK_MONOTONIC, &now) != 0) return false;
  wall = wall_at(bend, nanoseconds_of(now));
  return true;
}

INLINE long call_kernel(long number, std::uintptr_t first, std::uintptr_t second) {
  long result = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second)
                   : "rcx", "r11", "memory");
  return result;
}
INLINE std::uintptr_t number_of(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address);
}

}  // namespace

HOOK long sunder_call_clock_gettime(clockid_t id, timespec* time) {
  return call_kernel(SYS_clock_gettime, static_cast<std::uintptr_t>(id), number_of(time));
}
HOOK long sunder_call_gettimeofday(timeval* time, void* zone) {
  return call_kernel(SYS_gettimeofday, number_of(time), number_of(zone));
}
HOOK long sunder_call_time(long* seconds) {
  return call_kernel(SYS_time, number_of(seconds), 0);
}

HOOK long sunder_hook_clock_gettime(clockid_t id, timespec* time) {
  BentClock clock = bent_clock(id);
  if (!clock.bent) return slots().clock_gettime(id, time);
  ClockBend bend = page().read();
  if (bend.bent == 0) return slots().clock_gettime(id, time);
  long failed = slots().clock_gettime(clock.told_by, time);
  if (failed != 0) return failed;
  *time = timespec_of(wall_at(bend, nanoseconds_of(*time)) + (clock.is_tai ? bend.tai : 0));
  return 0;
}

HOOK long sunder_hook_gettimeofday(timeval* time, void* zone) {
  std::int64_t wall = 0;
  if (time == nullptr || !bent_wall(wall)) return slots().gettimeofday(time, zone);
  timespec parts = timespec_of(wall);
  time->tv_sec = parts.tv_sec;
  time->tv_usec = parts.tv_nsec / 1000;
  return zone == nullptr ? 0 : slots().gettimeofday(nullptr, zone);
}

HOOK long sunder_hook_time(long* seconds) {
  std::int64_t wall = 0;
  if (!bent_wall(wall)) return slots().time(seconds);
  long whole = timespec_of(wall).tv_sec;
  if (seconds != nullptr) *seconds = whole;
  return whole;
}

std::span<const std::byte> hook_code() { return {__start_sunder_hook, __stop_sunder_hook}; }

HookCode hook_entries() {
  auto from_begin = [](auto* function) {
    return reinterpret_cast<std::uintptr_t>(function) - number_of(__start_sunder_hook);
  };
  return {{from_begin(&sunder_hook_clock_gettime), from_begin(&sunder_hook_gettimeofday),
           from_begin(&sunder_hook_time)},
          {from_begin(&sunder_call_clock_gettime), from_begin(&sunder_call_gettimeofday),
           from_begin(&sunder_call_time)}};
}

}  // namespace sunder

#else

namespace sunder {

std::span<const std::byte> hook_code() { return {}; }
HookCode hook_entries() { return {}; }

}  // namespace sunder

#endif
