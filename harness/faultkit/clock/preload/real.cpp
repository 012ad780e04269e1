#include "harness/faultkit/clock/preload/real.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sunder {
namespace {

// A library in front of another has no owner to whom its state could be handed.
constinit Real found;
constinit pthread_once_t once = PTHREAD_ONCE_INIT;

template <class Function>
void find(Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

const ClockPage* map_page() {
  const char* file = ::getenv("SUNDER_CLOCK");
  int opened = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return nullptr;
  void* page = ::mmap(nullptr, clock_file_page, PROT_READ, MAP_SHARED, opened, clock_file_page);
  ::close(opened);
  return page == MAP_FAILED ? nullptr : static_cast<const ClockPage*>(page);
}

void find_all() {
  find(found.clock_gettime, "clock_gettime");
  find(found.gettimeofday, "gettimeofday");
  find(found.time, "time");
  find(found.timespec_get, "timespec_get");
  find(found.clock_nanosleep, "clock_nanosleep");
  // The C library also has one of before 2002, which knows other condition variables.
  found.pthread_cond_timedwait = reinterpret_cast<decltype(found.pthread_cond_timedwait)>(
      ::dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
  find(found.pthread_cond_clockwait, "pthread_cond_clockwait");
  find(found.pthread_mutex_clocklock, "pthread_mutex_clocklock");
  find(found.pthread_rwlock_clockrdlock, "pthread_rwlock_clockrdlock");
  find(found.pthread_rwlock_clockwrlock, "pthread_rwlock_clockwrlock");
  find(found.sem_clockwait, "sem_clockwait");
  find(found.mq_timedsend, "mq_timedsend");
  find(found.mq_timedreceive, "mq_timedreceive");
  find(found.timerfd_settime, "timerfd_settime");
  find(found.timer_create, "timer_create");
  find(found.timer_settime, "timer_settime");
  found.page = map_page();
}

}  // namespace

const Real& real() {
  ::pthread_once(&once, find_all);
  return found;
}

std::int64_t kernel_wall_now() {
  timespec now{};
  ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return nanoseconds_of(now);
}

std::int64_t wall_now() {
  ClockBend bend = present_bend();
  if (bend.bent != 0) return wall_at(bend, monotonic_now());
  timespec now{};
  real().clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds_of(now);
}

}  // namespace sunder
