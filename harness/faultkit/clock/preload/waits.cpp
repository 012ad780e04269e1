// Waiting until a time of the wall clock.

#include "harness/faultkit/clock/preload/deadline.h"

using namespace sunder;

namespace {

/// A signal that comes between two slices would be lost on us, so a slice's end is told as a
/// wake-up without a reason, which every caller has to expect.
int wait_on_condition(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  if (!is_valid(*until)) return EINVAL;
  timespec end = slice_end(*until);
  int result = real().pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &end);
  return result == ETIMEDOUT && time_until(*until) > 0 ? 0 : result;
}

/// What pthread_condattr_setclock chose, where the C library keeps it since 2.25.
bool waits_by_monotonic_clock(const pthread_cond_t& condition) {
  return (condition.__data.__wrefs & 2u) != 0;
}

bool translates(clockid_t clock, const timespec* until) {
  return clock == CLOCK_REALTIME && real().page != nullptr && is_valid(*until);
}

int wait_for_semaphore(sem_t* semaphore, const timespec* until) {
  int result = in_slices(*until, [&](const timespec* end) {
    return real().sem_clockwait(semaphore, CLOCK_MONOTONIC, end) == 0 ? 0 : errno;
  });
  if (result == 0) return 0;
  errno = result;
  return -1;
}

/// Queues of messages have no waits by another clock.
timespec kernel_deadline(const timespec* slice) {
  return timespec_of(kernel_wall_now() + nanoseconds_of(*slice) - monotonic_now());
}

}  // namespace

SUNDER_INTERPOSE int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                            const timespec* until) {
  if (real().page == nullptr || waits_by_monotonic_clock(*condition)) {
    return real().pthread_cond_timedwait(condition, mutex, until);
  }
  return wait_on_condition(condition, mutex, until);
}

SUNDER_INTERPOSE int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                            clockid_t clock, const timespec* until) {
  if (!translates(clock, until)) {
    return real().pthread_cond_clockwait(condition, mutex, clock, until);
  }
  return wait_on_condition(condition, mutex, until);
}

SUNDER_INTERPOSE int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                             const timespec* until) noexcept {
  if (!translates(clock, until)) return real().pthread_mutex_clocklock(mutex, clock, until);
  return in_slices(*until, [&](const timespec* end) {
    return real().pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, end);
  });
}

SUNDER_INTERPOSE int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                             const timespec* until) noexcept {
  return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, until);
}

SUNDER_INTERPOSE int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                                                const timespec* until) noexcept {
  if (!translates(clock, until)) return real().pthread_rwlock_clockrdlock(lock, clock, until);
  return in_slices(*until, [&](const timespec* end) {
    return real().pthread_rwlock_clockrdlock(lock, CLOCK_MONOTONIC, end);
  });
}

SUNDER_INTERPOSE int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                                                const timespec* until) noexcept {
  return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, until);
}

SUNDER_INTERPOSE int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                                                const timespec* until) noexcept {
  if (!translates(clock, until)) return real().pthread_rwlock_clockwrlock(lock, clock, until);
  return in_slices(*until, [&](const timespec* end) {
    return real().pthread_rwlock_clockwrlock(lock, CLOCK_MONOTONIC, end);
  });
}

SUNDER_INTERPOSE int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                                                const timespec* until) noexcept {
  return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, until);
}

SUNDER_INTERPOSE int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  if (!translates(clock, until)) return real().sem_clockwait(semaphore, clock, until);
  return wait_for_semaphore(semaphore, until);
}

SUNDER_INTERPOSE int sem_timedwait(sem_t* semaphore, const timespec* until) {
  return sem_clockwait(semaphore, CLOCK_REALTIME, until);
}

SUNDER_INTERPOSE int clock_nanosleep(clockid_t clock, int flags, const timespec* time,
                                     timespec* left) {
  if ((flags & TIMER_ABSTIME) == 0 || !translates(clock, time)) {
    return real().clock_nanosleep(clock, flags, time, left);
  }
  while (time_until(*time) > 0) {
    timespec end = slice_end(*time);
    int result = real().clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr);
    if (result != 0) return result;
  }
  return 0;
}

SUNDER_INTERPOSE int mq_timedsend(mqd_t queue, const char* text, size_t size, unsigned priority,
                                  const timespec* until) {
  if (!translates(CLOCK_REALTIME, until)) {
    return real().mq_timedsend(queue, text, size, priority, until);
  }
  int result = in_slices(*until, [&](const timespec* end) {
    timespec deadline = kernel_deadline(end);
    return real().mq_timedsend(queue, text, size, priority, &deadline) == 0 ? 0 : errno;
  });
  if (result == 0) return 0;
  errno = result;
  return -1;
}

SUNDER_INTERPOSE ssize_t mq_timedreceive(mqd_t queue, char* text, size_t size, unsigned* priority,
                                         const timespec* until) {
  if (!translates(CLOCK_REALTIME, until)) {
    return real().mq_timedreceive(queue, text, size, priority, until);
  }
  ssize_t received = -1;
  int result = in_slices(*until, [&](const timespec* end) {
    timespec deadline = kernel_deadline(end);
    received = real().mq_timedreceive(queue, text, size, priority, &deadline);
    return received >= 0 ? 0 : errno;
  });
  if (result != 0) errno = result;
  return result == 0 ? received : -1;
}
