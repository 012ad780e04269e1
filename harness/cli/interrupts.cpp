#include "harness/cli/interrupts.h"

#include <csignal>
#include <ctime>
#include <unistd.h>

#include "harness/cli/exit_code.h"
#include "harness/core/log.h"

namespace sunder {
namespace {

sigset_t endings() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  sigset_t set = endings();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::thread([this] { listen(); });
}

Interrupts::~Interrupts() {
  stopping_ = true;
  listener_.join();
  sigset_t set = endings();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupts::listen() {
  sigset_t set = endings();
  timespec patience{0, 50'000'000};
  while (!stopping_) {
    if (sigtimedwait(&set, nullptr, &patience) < 0) continue;
    if (interrupted_.exchange(true)) _exit(exit_interrupted);
    log::warning("interrupted: ending the run and undoing its faults");
  }
}

}  // namespace sunder
