// sunder-agent --control FD: makes a lab node's namespaces and serves in them. The controller hands
// it one end of a socket pair. With --group behind it, what the node uses can be limited.
// sunder-agent serve FOLDER [SECONDS [pretended-clock]]: detaches and serves on a host of its own;
// without a controller it ends after so many seconds. For tests it bends a file in place of the
// host's clock. sunder-agent attach FOLDER: a way to it.
// sunder-agent keep-power PROGRAM [ARGUMENT...]: starts machines that are left off (keep_power.h).
// sunder-agent tell-clocks: what a program in its place is told, for the agent that started it.

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
#include "harness/agent/group_keeper.h"
#include "harness/agent/host_serve.h"
#include "harness/agent/keep_power.h"
#include "harness/agent/node_clock.h"
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

Result<Confinement> make_group() {
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) return places.error();
  Result<ControlGroup> group = ControlGroup::make(*places, ControlGroup::name_for(::getpid()));
  if (!group) return group.error();
  Result<Descriptor> lease = keep_group(*group);
  // A view of the controller's mounts, which stay as they are when the node's become read-only.
  Descriptor proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (lease && proc) return Confinement{*std::move(group), *std::move(lease), std::move(proc)};
  (void)group->remove();
  return lease ? system_error("open /proc") : lease.error();
}

/// The outer process only waits: the death of the controller kills it, its death the inner one, and
/// with that, being first of its PID namespace, all that the node ever started.
int outer(Descriptor socket, bool with_group) {
  ControlSocket control(std::move(socket));
  ::setsid();  // the terminal's interrupt is for the controller
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::optional<Confinement> kept;
  if (with_group) {
    Result<Confinement> made = make_group();
    if (!made) return refuse(control, made.error());
    kept = *std::move(made);
  }
  int spaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
  if (::unshare(spaces) != 0) return refuse(control, system_error("create a node's namespaces"));
  pid_t inner = ::fork();
  if (inner < 0) return refuse(control, system_error("fork"));
  if (inner == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return Agent(std::move(control), std::move(kept)).run();
  }
  control = ControlSocket(Descriptor());
  // The keeper must see the inner one's end: that may wait for frozen processes to be thawed.
  if (kept) kept->lease.reset();
  int status = 0;
  while (::waitpid(inner, &status, 0) < 0 && errno == EINTR) {
  }
  if (kept) remove_patiently(kept->group);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  bool good = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && number >= 0;
  return good ? std::optional(number) : std::nullopt;
}

int usage() {
  std::fprintf(stderr,
               "sunder-agent is started by sunder: sunder-agent --control DESCRIPTOR [--group], "
               "serve FOLDER [SECONDS [pretended-clock]], or attach FOLDER\n");
  return exit_usage;
}

int fail(const Error& error) {
  std::fprintf(stderr, "sunder-agent: %s\n", error.context.c_str());
  return exit_environment;
}

int serve(const HostFolder& folder, int patience_seconds) {
  Result<std::string> how = serve_host(folder, std::chrono::seconds(patience_seconds));
  if (!how) return fail(how.error());
  std::printf("%s\n", how->c_str());
  return 0;
}

int attach(const HostFolder& folder) {
  Status attached = attach_to_host(folder);
  return attached ? 0 : fail(attached.error());
}

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  using namespace sunder;
  if (argc == 2 && std::string_view(argv[1]) == tell_clocks_argument) {
    std::printf("%s\n", tell_clocks().c_str());
    return 0;
  }
  if (argc >= 3 && std::string_view(argv[1]) == "keep-power") {
    return keep_power({argv + 2, argv + argc});
  }
  constexpr int patience_default = 30;
  std::string_view act = argc >= 3 ? argv[1] : "";
  bool pretends = argc == 5 && argv[4] == std::string_view("pretended-clock");
  bool with_group = argc == 4 && std::string_view(argv[3]) == "--group";
  int numbered = pretends ? 3 : with_group ? 2 : argc - 1;
  std::optional<int> number = argc >= 3 ? number_of(argv[numbered]) : std::nullopt;
  if (act == "serve" && argc == 3) return serve({argv[2]}, patience_default);
  if (act == "serve" && (argc == 4 || pretends) && number) {
    return serve({argv[2], pretends}, *number);
  }
  if (act == "attach" && argc == 3) return attach({argv[2]});
  if (act != "--control" || (argc != 3 && !with_group) || !number) return usage();
  ::fcntl(*number, F_SETFD, FD_CLOEXEC);
  return outer(Descriptor(*number), with_group);
}
