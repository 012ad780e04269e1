#include "harness/agent/group_keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include <array>
#include <cerrno>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

[[noreturn]] void keep(ControlGroup& group, int lease) {
  ::setsid();
  for (int interrupt : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(interrupt, SIG_IGN);
  ::prctl(PR_SET_NAME, "sunder-keeper");
  int nothing = ::open("/dev/null", O_RDWR);
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, standard);
  char byte = 0;
  while (::read(lease, &byte, 1) < 0 && errno == EINTR) {
  }
  remove_patiently(group);
  ::_exit(0);
}

}  // namespace

void remove_patiently(ControlGroup& group) {
  for (int attempt = 0; attempt < 30 && !group.remove(); ++attempt) ::poll(nullptr, 0, 100);
}

Result<Descriptor> keep_group(ControlGroup& group) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  Descriptor lease(ends[0]);
  Descriptor held(ends[1]);
  pid_t keeper = ::fork();
  if (keeper < 0) return system_error("fork");
  if (keeper == 0) {
    held.reset();
    keep(group, lease.get());
  }
  return held;
}

}  // namespace sunder
