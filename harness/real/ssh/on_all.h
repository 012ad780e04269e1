#pragma once
// The same work on several hosts at once.

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// Calls act(i) for each i below count, each in a thread of its own, and returns when all are done:
/// the first error in order, if any. REQUIRES: `act` shares nothing between its calls.
inline Status on_all(std::size_t count, const std::function<Status(std::size_t)>& act) {
  std::vector<std::optional<Error>> errors(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      if (Status done = act(i); !done) errors[i] = done.error();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::optional<Error>& error : errors) {
    if (error) return *error;
  }
  return Done{};
}

}  // namespace sunder
