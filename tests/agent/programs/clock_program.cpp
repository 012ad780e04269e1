// A program that reads and waits by wall clocks in every way that the C library has, built twice:
// statically and dynamically. It prints JSON lines.
//
// clock_program reads: what each function says minus the monotonic clock, in nanoseconds.
// clock_program watch MILLISECONDS: [monotonic, wall] again and again.
// clock_program waits MILLISECONDS: waits in many ways until the wall clock shows so much more, and
// prints after how many milliseconds by the monotonic clock each wait was over.

#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr long long one_second = 1'000'000'000;

long long nanoseconds(const timespec& time) { return time.tv_sec * one_second + time.tv_nsec; }
timespec at(long long nanoseconds) { return {nanoseconds / one_second, nanoseconds % one_second}; }
long long read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return nanoseconds(time);
}
long long monotonic() { return read_clock(CLOCK_MONOTONIC); }

struct Reading {
  std::string name;
  std::function<long long()> read;
};

std::vector<Reading> readings() {
  return {
      {"clock_gettime", [] { return read_clock(CLOCK_REALTIME); }},
      {"coarse", [] { return read_clock(CLOCK_REALTIME_COARSE); }},
      {"tai", [] { return read_clock(CLOCK_TAI); }},
      {"gettimeofday",
       [] {
         timeval time{};
         ::gettimeofday(&time, nullptr);
         return time.tv_sec * one_second + time.tv_usec * 1000;
       }},
      {"time", [] { return ::time(nullptr) * one_second; }},
      {"timespec_get",
       [] {
         timespec time{};
         (void)::timespec_get(&time, TIME_UTC);
         return nanoseconds(time);
       }},
      {"system_clock",
       [] {
         return static_cast<long long>(
             std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
       }},
  };
}

void print_reads() {
  std::string line;
  for (const Reading& reading : readings()) {
    line += (line.empty() ? "{\"" : ",\"") + reading.name +
            "\":" + std::to_string(reading.read() - monotonic());
  }
  std::printf("%s}\n", line.c_str());
}

/// Two other threads read clocks much of the time, so that changes meet them in the midst of it.
void watch(long long milliseconds) {
  long long end = monotonic() + milliseconds * 1'000'000;
  auto read_on = [end] {
    while (monotonic() < end) {
      for (int i = 0; i < 2'000; ++i) (void)::time(nullptr);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  std::thread first(read_on);
  std::thread second(read_on);
  while (monotonic() < end) {
    long long before = monotonic();
    long long wall = read_clock(CLOCK_REALTIME);
    long long after = monotonic();
    if (after - before < 200'000) std::printf("[%lld,%lld]\n", before, wall);
    std::this_thread::sleep_for(std::chrono::milliseconds(7));
  }
  first.join();
  second.join();
}

/// Waits until `deadline` of the wall clock; or, of what knows only the monotonic clock, `steady`.
struct Wait {
  std::string name;
  std::function<void(const timespec& deadline, const timespec& steady)> wait;
};

struct Condition {
  explicit Condition(clockid_t clock) {
    pthread_condattr_t attributes;
    ::pthread_condattr_init(&attributes);
    ::pthread_condattr_setclock(&attributes, clock);
    ::pthread_cond_init(&condition, &attributes);
    ::pthread_mutex_lock(&mutex);
  }
  pthread_cond_t condition{};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};

void wait_for_timer(const timespec& deadline) {
  sigset_t alarm;
  ::sigemptyset(&alarm);
  ::sigaddset(&alarm, SIGALRM);
  timer_t timer{};
  ::timer_create(CLOCK_REALTIME, nullptr, &timer);
  itimerspec when{{0, 0}, deadline};
  ::timer_settime(timer, TIMER_ABSTIME, &when, nullptr);
  int got = 0;
  ::sigwait(&alarm, &got);
}

void wait_for_timer_descriptor(const timespec& deadline) {
  int timer = ::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
  itimerspec when{{0, 0}, deadline};
  ::timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
  unsigned long long times = 0;
  (void)!::read(timer, &times, sizeof times);
}

void wait_for_message(const timespec& deadline) {
  std::string name = "/sunder-" + std::to_string(::getpid());
  mqd_t queue = ::mq_open(name.c_str(), O_RDONLY | O_CREAT | O_EXCL, 0600, nullptr);
  ::mq_unlink(name.c_str());
  std::vector<char> text(65'536);
  (void)::mq_timedreceive(queue, text.data(), text.size(), nullptr, &deadline);
}

std::vector<Wait> waits() {
  return {
      {"pthread_cond_timedwait",
       [](const timespec& deadline, const timespec&) {
         Condition own(CLOCK_REALTIME);
         while (::pthread_cond_timedwait(&own.condition, &own.mutex, &deadline) == 0) {
         }
       }},
      {"pthread_cond_clockwait",
       [](const timespec& deadline, const timespec&) {
         Condition own(CLOCK_MONOTONIC);
         while (::pthread_cond_clockwait(&own.condition, &own.mutex, CLOCK_REALTIME, &deadline) ==
                0) {
         }
       }},
      {"condition_variable",
       [](const timespec& deadline, const timespec&) {
         std::mutex mutex;
         std::condition_variable condition;
         std::unique_lock lock(mutex);
         std::chrono::nanoseconds since_epoch(nanoseconds(deadline));
         condition.wait_until(lock, std::chrono::system_clock::time_point(since_epoch),
                              [] { return false; });
       }},
      {"sem_timedwait",
       [](const timespec& deadline, const timespec&) {
         sem_t semaphore;
         ::sem_init(&semaphore, 0, 0);
         ::sem_timedwait(&semaphore, &deadline);
       }},
      {"pthread_mutex_timedlock",
       [](const timespec& deadline, const timespec&) {
         Condition locked(CLOCK_REALTIME);
         std::thread([&] { ::pthread_mutex_timedlock(&locked.mutex, &deadline); }).join();
       }},
      {"pthread_rwlock_timedrdlock",
       [](const timespec& deadline, const timespec&) {
         pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
         ::pthread_rwlock_wrlock(&lock);
         std::thread([&] { ::pthread_rwlock_timedrdlock(&lock, &deadline); }).join();
       }},
      {"pthread_rwlock_timedwrlock",
       [](const timespec& deadline, const timespec&) {
         pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
         ::pthread_rwlock_rdlock(&lock);
         std::thread([&] { ::pthread_rwlock_timedwrlock(&lock, &deadline); }).join();
       }},
      {"clock_nanosleep",
       [](const timespec& deadline, const timespec&) {
         ::clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, nullptr);
       }},
      {"mq_timedreceive",
       [](const timespec& deadline, const timespec&) { wait_for_message(deadline); }},
      {"timer_settime",
       [](const timespec& deadline, const timespec&) { wait_for_timer(deadline); }},
      {"timerfd_settime",
       [](const timespec& deadline, const timespec&) { wait_for_timer_descriptor(deadline); }},
      {"steady",  // pthread_cond_timedwait again, by the clock that no fault bends
       [](const timespec&, const timespec& steady) {
         Condition own(CLOCK_MONOTONIC);
         while (::pthread_cond_timedwait(&own.condition, &own.mutex, &steady) == 0) {
         }
       }},
  };
}

void wait_in_all_ways(long long milliseconds) {
  sigset_t alarm;
  ::sigemptyset(&alarm);
  ::sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &alarm, nullptr);  // of all threads to come
  long long begin = monotonic();
  timespec deadline = at(read_clock(CLOCK_REALTIME) + milliseconds * 1'000'000);
  timespec steady = at(begin + milliseconds * 1'000'000);
  std::vector<std::thread> threads;
  for (const Wait& one : waits()) {
    threads.emplace_back([one, begin, deadline, steady] {
      one.wait(deadline, steady);
      std::printf("{\"%s\":%lld}\n", one.name.c_str(), (monotonic() - begin) / 1'000'000);
    });
  }
  std::printf("{\"waiting\":0}\n");
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::string verb = argc > 1 ? argv[1] : "";
  std::string number = argc > 2 ? argv[2] : "0";
  long long milliseconds = 0;
  std::from_chars(number.data(), number.data() + number.size(), milliseconds);
  if (verb == "reads") print_reads();
  if (verb == "watch") watch(milliseconds);
  if (verb == "waits") wait_in_all_ways(milliseconds);
  return 0;
}
