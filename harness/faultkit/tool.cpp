#include "harness/faultkit/tool.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int not_executed = 127;

/// Between fork and exec: no allocation.
[[noreturn]] void become(char* const* command, int input, int output) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  ::execvp(command[0], command);
  ::_exit(not_executed);
}

std::string text_of(int file) {
  std::string text;
  std::array<char, 4096> part;
  off_t at = 0;
  for (ssize_t size = 0; (size = ::pread(file, part.data(), part.size(), at)) > 0; at += size) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

bool ends_in_time(pid_t pid, Duration time_limit) {
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0u)));
  pollfd watch{process.get(), POLLIN, 0};
  auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(time_limit).count();
  return ::poll(&watch, 1, static_cast<int>(limit)) > 0;
}

std::optional<std::string> find_tool(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"}) {
    std::string path = folder + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

}  // namespace

Result<std::string> run_tool(const std::vector<std::string>& command, std::string_view input,
                             Duration time_limit) {
  std::optional<std::string> path = find_tool(command[0]);
  if (!path) return Error{Error::Code::environment, "there is no program '" + command[0] + "'"};
  // Files in memory rather than pipes: neither side can block the other.
  Descriptor in(::memfd_create("input", MFD_CLOEXEC));
  Descriptor out(::memfd_create("output", MFD_CLOEXEC));
  if (!in || !out ||
      ::pwrite(in.get(), input.data(), input.size(), 0) != static_cast<ssize_t>(input.size())) {
    return system_error("make files for " + command[0]);
  }
  std::vector<std::string> words = command;
  words[0] = *path;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = ::fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) become(pointers.data(), in.get(), out.get());
  bool ended = ends_in_time(pid, time_limit);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!ended) {
    return Error{Error::Code::timed_out,
                 command[0] + " did not end within " + format_duration(time_limit)};
  }
  std::string text = text_of(out.get());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return Error{Error::Code::environment, command[0] + " failed: " + text};
}

}  // namespace sunder
