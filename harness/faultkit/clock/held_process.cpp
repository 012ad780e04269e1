#include "harness/faultkit/clock/held_process.h"

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> found;
  std::error_code gone;
  std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    std::string name = entry.path().filename().string();
    pid_t thread = 0;
    auto parsed = std::from_chars(name.data(), name.data() + name.size(), thread);
    if (parsed.ec == std::errc()) found.push_back(thread);
  }
  return found;
}

}  // namespace

Result<HeldProcess> HeldProcess::hold(pid_t pid) {
  HeldProcess held;
  for (bool grew = true; grew;) {
    grew = false;
    for (pid_t thread : threads_of(pid)) {
      if (held.threads_.contains(thread)) continue;
      // One that has ended meanwhile is none; of the first one that is an error.
      if (held.hold_thread(thread)) {
        grew = true;
      } else if (thread == pid) {
        return system_error("hold a process of the node");
      }
    }
  }
  return held;
}

bool HeldProcess::hold_thread(pid_t thread) {
  if (::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return false;
  threads_[thread] = 0;
  int status = 0;
  bool stopped = ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0 &&
                 ::waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status);
  if (!stopped) {
    threads_.erase(thread);
    return false;
  }
  bool by_us = status >> 16 == PTRACE_EVENT_STOP;
  threads_[thread] = by_us ? 0 : WSTOPSIG(status);
  return true;
}

HeldProcess::~HeldProcess() {
  for (const auto& [thread, signal] : threads_) {
    ::ptrace(PTRACE_DETACH, thread, nullptr, static_cast<std::intptr_t>(signal));
  }
}

std::vector<std::uintptr_t> HeldProcess::places() const {
  std::vector<std::uintptr_t> found;
#if defined(__x86_64__)
  for (const auto& [thread, signal] : threads_) {
    user_regs_struct registers{};
    if (::ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return {};
    found.push_back(registers.rip);
  }
#endif
  return found;
}

}  // namespace sunder
