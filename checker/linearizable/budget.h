#pragma once
// How long and how large a search may become.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sunder::linearizable {

struct Budget {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::size_t memory = std::size_t{4} << 30;  // bytes
  const std::atomic<bool>* stop = nullptr;    // null: never stopped
  /// Told now and then: the returns that some order passes, and all returns. May be empty.
  std::function<void(std::uint32_t passed, std::uint32_t returns)> progress{};

  /// Asks the clock: not to be called at every step.
  bool over(std::size_t bytes) const {
    return bytes > memory || (stop != nullptr && stop->load(std::memory_order_relaxed)) ||
           std::chrono::steady_clock::now() > deadline;
  }
};

}  // namespace sunder::linearizable
