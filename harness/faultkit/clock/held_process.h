#pragma once
// A process that runs, held for a moment by all its threads.

#include <sys/types.h>

#include <map>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

class HeldProcess {
 public:
  /// REQUIRES: it is no zombie and not stopped. Threads that it begins meanwhile are held too.
  static Result<HeldProcess> hold(pid_t pid);
  HeldProcess(HeldProcess&& other) noexcept : threads_(std::exchange(other.threads_, {})) {}
  HeldProcess& operator=(HeldProcess&&) = delete;
  ~HeldProcess();  // lets it go on, as if nothing had been

  /// Where its threads are just now. Empty where that cannot be told.
  std::vector<std::uintptr_t> places() const;

 private:
  HeldProcess() = default;
  bool hold_thread(pid_t thread);
  std::map<pid_t, int> threads_;  // with the signal that each was just about to get, or 0
};

}  // namespace sunder
