// sunder-agent --control FD: makes a lab node's namespaces and serves in them. The controller hands
// it one end of a socket pair.

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "harness/agent/agent.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_environment = 69;

int refuse(ControlSocket& control, const Error& error) {
  Map reply;
  reply["error"] = error.context;
  control.send(reply);
  return exit_environment;
}

/// The outer process only waits: the death of the controller kills it, its death the inner one, and
/// with that, being first of its PID namespace, all that the node ever started.
int outer(Descriptor socket) {
  ControlSocket control(std::move(socket));
  ::setsid();  // the terminal's interrupt is for the controller
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int spaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
  if (::unshare(spaces) != 0) return refuse(control, system_error("create a node's namespaces"));
  pid_t inner = ::fork();
  if (inner < 0) return refuse(control, system_error("fork"));
  if (inner == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return Agent(std::move(control)).run();
  }
  control = ControlSocket(Descriptor());
  int status = 0;
  while (::waitpid(inner, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  std::string_view number = argc == 3 ? argv[2] : "";
  int descriptor = -1;
  auto parsed = std::from_chars(number.data(), number.data() + number.size(), descriptor);
  if (argc != 3 || std::string_view(argv[1]) != "--control" || parsed.ec != std::errc() ||
      descriptor < 0) {
    std::fprintf(stderr, "sunder-agent is started by sunder: sunder-agent --control DESCRIPTOR\n");
    return sunder::exit_usage;
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return sunder::outer(sunder::Descriptor(descriptor));
}
