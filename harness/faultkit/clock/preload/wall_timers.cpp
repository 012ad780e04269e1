#include "harness/faultkit/clock/preload/wall_timers.h"

#include <signal.h>

#include <utility>

#include "harness/faultkit/clock/preload/deadline.h"

namespace sunder {
namespace {

constexpr std::size_t timers_most = 256;
constexpr std::int64_t far = 100LL * 365 * 86'400 * clock_second;  // for a clock that stands still
constexpr std::int64_t slack = clock_second / 10;

constinit pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
constinit WallTimer table[timers_most];
constinit std::atomic<int> looked_after{0};
constinit bool watching = false;
constinit bool fork_is_known = false;

/// Timers may be set in signal handlers, so none may run while the table is locked.
class Lock {
 public:
  Lock() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    ::pthread_mutex_lock(&mutex);
  }
  ~Lock() {
    ::pthread_mutex_unlock(&mutex);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  sigset_t before_{};
};

int set(const WallTimer& timer, const itimerspec& when, itimerspec* old) {
  if (timer.kind == WallTimer::Kind::posix) {
    return real().timer_settime(timer.posix, timer.flags, &when, old);
  }
  return real().timerfd_settime(timer.descriptor, timer.flags, &when, old);
}

int set_by_present_clock(WallTimer& timer, itimerspec* old) {
  std::int64_t left = time_until(timer.asked.it_value);
  timer.kernel_deadline = kernel_wall_now() + (left < far ? left : far);
  itimerspec when = timer.asked;
  when.it_value = timespec_of(timer.kernel_deadline);
  return set(timer, when, old);
}

/// Whether it still is what we set. What went off, was closed or belongs to somebody else by now
/// has another time left.
bool is_pending(const WallTimer& timer) {
  itimerspec now{};
  int failed = timer.kind == WallTimer::Kind::posix ? ::timer_gettime(timer.posix, &now)
                                                    : ::timerfd_gettime(timer.descriptor, &now);
  std::int64_t left = nanoseconds_of(now.it_value);
  std::int64_t off = left - (timer.kernel_deadline - kernel_wall_now());
  return failed == 0 && left > 0 && off < slack && off > -slack;
}

void forget(const WallTimer& timer) {
  for (WallTimer& one : table) {
    if (one.kind == WallTimer::Kind::none || !one.is_same(timer)) continue;
    one = WallTimer{};
    --looked_after;
  }
}

bool remember(const WallTimer& timer) {
  for (WallTimer& one : table) {
    if (one.kind != WallTimer::Kind::none) continue;
    one = timer;
    ++looked_after;
    return true;
  }
  return false;
}

/// Whether how long a time takes cannot be told once and for all.
bool is_hard_to_tell(const ClockBend& bend) {
  return bend.bent != 0 && (bend.gain_most > 0 || bend.strobe_period > 0);
}

void* watch(void*) {
  std::uint64_t known = real().page->version();
  while (true) {
    timespec pause = timespec_of(slice_most);
    real().clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    Lock lock;
    std::uint64_t version = real().page->version();
    bool changed = std::exchange(known, version) != version || is_hard_to_tell(present_bend());
    for (WallTimer& timer : table) {
      if (timer.kind == WallTimer::Kind::none) continue;
      if (!is_pending(timer)) {
        forget(timer);
      } else if (changed) {
        set_by_present_clock(timer, nullptr);
      }
    }
    if (looked_after == 0) {
      watching = false;
      return nullptr;
    }
  }
}

/// A child of fork() has no timers of its own, and its parent looks after the descriptors.
void begin_as_child() {
  mutex = PTHREAD_MUTEX_INITIALIZER;
  for (WallTimer& timer : table) timer = WallTimer{};
  looked_after = 0;
  watching = false;
}

void see_to_watching() {
  if (!std::exchange(fork_is_known, true)) ::pthread_atfork(nullptr, nullptr, begin_as_child);
  if (watching) return;
  pthread_attr_t detached;
  ::pthread_attr_init(&detached);
  ::pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread{};
  watching = ::pthread_create(&thread, &detached, watch, nullptr) == 0;
  ::pthread_attr_destroy(&detached);
}

}  // namespace

int set_wall_timer(WallTimer timer, itimerspec* old) {
  Lock lock;
  forget(timer);
  int result = set_by_present_clock(timer, old);
  if (result == 0 && remember(timer)) see_to_watching();
  return result;
}

int set_plain_timer(const WallTimer& timer, itimerspec* old) {
  if (looked_after == 0) return set(timer, timer.asked, old);  // which is what nearly all do
  Lock lock;
  forget(timer);
  return set(timer, timer.asked, old);
}

}  // namespace sunder
