#pragma once
// Code that a process calls instead of its vDSO's clock functions: what the kernel put into every
// process, static and Go programs too, to read clocks without a system call. It is copied into the
// first page of the clock file, finds the ClockPage in the page behind it, and the vDSO's own
// functions, which stay as they are, in slots at its page's end.

#include <sys/time.h>
#include <time.h>

#include <cstddef>
#include <span>

#include "harness/faultkit/clock/clock_page.h"

namespace sunder {

/// The vDSO's own functions, or what stands for them. They return 0 or a negative error number.
struct HookSlots {
  long (*clock_gettime)(clockid_t id, timespec* time) = nullptr;
  long (*gettimeofday)(timeval* time, void* zone) = nullptr;
  long (*time)(long* seconds) = nullptr;
};
inline constexpr std::uintptr_t hook_slots_offset = clock_file_page - sizeof(HookSlots);

/// Where the code of each function begins, from the page's begin.
struct HookEntries {
  std::uintptr_t clock_gettime = 0;
  std::uintptr_t gettimeofday = 0;
  std::uintptr_t time = 0;
};
struct HookCode {
  HookEntries hooks;
  HookEntries calls;  // ask the kernel, where the vDSO's functions are no more
};

/// The code; shorter than hook_slots_offset. Empty where there is none for this processor.
std::span<const std::byte> hook_code();
HookCode hook_entries();

}  // namespace sunder
