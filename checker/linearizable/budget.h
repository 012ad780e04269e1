#pragma once
// How long and how large a search may become.

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sunder::linearizable {

/// The CPU time that the calling thread has used.
inline std::chrono::nanoseconds thread_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

struct Budget {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// The same by the thread_time() of the thread that searches: what is found within it does not
  /// depend on what else the machine is doing.
  std::chrono::nanoseconds thread_deadline = std::chrono::nanoseconds::max();
  std::size_t memory = std::size_t{4} << 30;  // bytes
  const std::atomic<bool>* stop = nullptr;    // null: never stopped
  /// Told now and then: the returns that some order passes, and all returns. May be empty.
  std::function<void(std::uint32_t passed, std::uint32_t returns)> progress{};

  /// Asks the clock: not to be called at every step.
  bool over(std::size_t bytes) const {
    return bytes > memory || (stop != nullptr && stop->load(std::memory_order_relaxed)) ||
           std::chrono::steady_clock::now() > deadline ||
           (thread_deadline != std::chrono::nanoseconds::max() && thread_time() > thread_deadline);
  }
};

}  // namespace sunder::linearizable
