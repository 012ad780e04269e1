#pragma once
// What this library stands in front of, and the clock file.

#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "harness/faultkit/clock/clock_page.h"

namespace sunder {

/// The functions of the C library. Those with a clock in their name wait by the clock that they are
/// given, so that waiting by the monotonic one can replace all others.
struct Real {
  decltype(&::clock_gettime) clock_gettime = nullptr;
  int (*gettimeofday)(timeval*, void*) = nullptr;
  decltype(&::time) time = nullptr;
  decltype(&::timespec_get) timespec_get = nullptr;
  decltype(&::clock_nanosleep) clock_nanosleep = nullptr;
  decltype(&::pthread_cond_timedwait) pthread_cond_timedwait = nullptr;
  decltype(&::pthread_cond_clockwait) pthread_cond_clockwait = nullptr;
  decltype(&::pthread_mutex_clocklock) pthread_mutex_clocklock = nullptr;
  decltype(&::pthread_rwlock_clockrdlock) pthread_rwlock_clockrdlock = nullptr;
  decltype(&::pthread_rwlock_clockwrlock) pthread_rwlock_clockwrlock = nullptr;
  decltype(&::sem_clockwait) sem_clockwait = nullptr;
  decltype(&::mq_timedsend) mq_timedsend = nullptr;
  decltype(&::mq_timedreceive) mq_timedreceive = nullptr;
  decltype(&::timerfd_settime) timerfd_settime = nullptr;
  decltype(&::timer_create) timer_create = nullptr;
  decltype(&::timer_settime) timer_settime = nullptr;
  const ClockPage* page = nullptr;  // none: the clock is right, and this library does nothing
};
/// Finds them on first use.
const Real& real();

/// How the wall clock goes; right if there is no clock file.
inline ClockBend present_bend() {
  const ClockPage* page = real().page;
  return page == nullptr ? ClockBend{} : page->read();
}

inline std::int64_t monotonic_now(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now{};
  real().clock_gettime(clock, &now);
  return nanoseconds_of(now);
}

/// What the node takes for the time.
std::int64_t wall_now();
/// What the kernel takes for it, whatever has been made of the vDSO.
std::int64_t kernel_wall_now();

}  // namespace sunder

/// A function of the C library that programs find here first.
#define SUNDER_INTERPOSE extern "C" [[gnu::visibility("default")]]
