#pragma once
// Control-C as a flag that the run loop reads, without a signal handler or a global.

#include <atomic>
#include <thread>

namespace sunder {

/// While it lives, SIGINT and SIGTERM set the flag instead of ending the process; a second one ends
/// it at once. REQUIRES: made before any other thread, so that every thread inherits the mask.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  const std::atomic<bool>& flag() const { return interrupted_; }

 private:
  void listen();

  std::atomic<bool> interrupted_{false};
  std::atomic<bool> stopping_{false};
  std::thread listener_;
};

}  // namespace sunder
