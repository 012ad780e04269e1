#include "harness/agent/limits/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

// The agent's other ends must not be held open by a child that may be frozen at any time once it is
// in the group: the group's keeper would wait for it for ever.
void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = STDERR_FILENO + 1;
  for (int descriptor : kept) {
    auto number = static_cast<unsigned>(descriptor);
    if (number > first) ::syscall(SYS_close_range, first, number - 1, 0u);
    first = number + 1;
  }
  ::syscall(SYS_close_range, first, ~0u, 0u);
}

[[noreturn]] void become_helper(const ControlGroup& group, int said,
                                const std::function<std::string()>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<int> doors = group.doors();
  std::vector<int> kept = doors;
  kept.push_back(said);
  close_all_but(std::move(kept));
  for (int door : doors) {
    if (::write(door, "0", 1) != 1) ::_exit(1);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::string result = work();
  (void)!::write(said, result.data(), result.size());
  ::_exit(0);
}

}  // namespace

Result<Helper> Helper::start(const ControlGroup& group, const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  Descriptor said(ends[0]);
  Descriptor says(ends[1]);
  pid_t child = ::fork();
  if (child < 0) return system_error("fork");
  if (child == 0) become_helper(group, says.get(), work);
  // Before anyone reaps it: a number may be given to another process, this descriptor not.
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0u)));
  if (!process) return system_error("hold a process");
  return Helper(std::move(process), std::move(said));
}

Helper::~Helper() {
  if (process_) ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0u);
}

std::optional<std::string> Helper::result(Duration patience) {
  pollfd watch{said_.get(), POLLIN, 0};
  auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(&watch, 1, static_cast<int>(limit)) <= 0) return {};
  std::array<char, 256> text{};
  ssize_t size = ::read(said_.get(), text.data(), text.size());
  if (size <= 0) return {};
  return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace sunder
