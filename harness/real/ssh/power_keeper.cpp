#include "harness/real/ssh/power_keeper.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "harness/core/log.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

/// Between fork and exec: no allocation. Signals are blocked.
[[noreturn]] void become(char* const* command, int input, const sigset_t& signals) {
  ::setsid();
  for (int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_IGN);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  ::execv(command[0], command);
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<PowerKeeper>> PowerKeeper::start(const std::filesystem::path& agent,
                                                        const std::vector<std::string>& command) {
  // A socket rather than a pipe: to write to one whose reader is gone need not be a signal.
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_error("make a socket pair for the keeper of machines");
  }
  Descriptor theirs(ends[0]);
  Descriptor ours(ends[1]);
  std::vector<std::string> words = {agent.string(), "keep-power"};
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  // An interrupt from the terminal is for us, and must not meet it on its way.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t process = ::fork();
  if (process == 0) become(pointers.data(), theirs.get(), before);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (process < 0) return system_error("fork");
  return std::unique_ptr<PowerKeeper>(new PowerKeeper(process, std::move(ours)));
}

PowerKeeper::~PowerKeeper() {
  life_.reset();
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) log::warning("not every machine that was off has been started again");
}

Status PowerKeeper::will_be_off(const std::string& machine) { return tell("off " + machine); }

Status PowerKeeper::is_on(const std::string& machine) { return tell("on " + machine); }

Status PowerKeeper::tell(const std::string& line) {
  std::string text = line + "\n";
  ssize_t sent = ::send(life_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(text.size())) return Done{};
  return system_error("tell the keeper of machines what is off");
}

}  // namespace sunder
