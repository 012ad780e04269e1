#include "harness/agent/host_serve.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "harness/agent/agent.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

Result<sockaddr_un> socket_address(const HostFolder& folder) {
  std::string path = folder.socket();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{Error::Code::malformed, "the path " + path + " is too long for a socket"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Descriptor> open_door(const HostFolder& folder) {
  Result<sockaddr_un> address = socket_address(folder);
  if (!address) return address.error();
  ::unlink(address->sun_path);
  Descriptor door(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  mode_t before = ::umask(0177);  // for the owner alone from its first moment
  bool open = door &&
              ::bind(door.get(), reinterpret_cast<const sockaddr*>(&*address),
                     sizeof *address) == 0 &&
              ::listen(door.get(), 16) == 0;
  ::umask(before);
  if (!open) return system_error("open the socket " + folder.socket().string());
  return door;
}

Result<Descriptor> connect_to(const HostFolder& folder) {
  Result<sockaddr_un> address = socket_address(folder);
  if (!address) return address.error();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address),
                           sizeof *address) != 0) {
    return system_error("reach the agent at " + folder.socket().string());
  }
  return socket;
}

void leave_terminal(const HostFolder& folder) {
  ::setsid();
  ::umask(022);
  (void)!::chdir("/");
  int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  int log = ::open(folder.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(log >= 0 ? log : nothing, STDERR_FILENO);
}

/// Waits for the agent's end. All that the agent started is the watchdog's family from then on.
[[noreturn]] void watch(pid_t agent, const HostFolder& folder) {
  int status = 0;
  while (::waitpid(agent, &status, 0) < 0 && errno == EINTR) {
  }
  signal_all(SIGKILL, [] { return family_of(::getpid()); });
  undo_what_is_left(folder);
  ::_exit(0);
}

}  // namespace

Result<std::string> serve_host(const HostFolder& folder, std::chrono::nanoseconds patience) {
  std::error_code failed;
  std::filesystem::create_directories(folder.path, failed);
  // Others may pass through to the node's own folder and see nothing else.
  if (failed || ::chmod(folder.path.c_str(), 0711) != 0) {
    return system_error("make the folder " + folder.path.string());
  }
  Descriptor lock(::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return system_error("open " + folder.lock().string());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    Result<Descriptor> living = connect_to(folder);
    if (living) return std::string("running");
    return Error{Error::Code::environment,
                 "an agent holds " + folder.lock().string() +
                     " and does not answer; it ends within a minute, try again then"};
  }
  undo_what_is_left(folder);
  Result<Descriptor> door = open_door(folder);
  if (!door) return door.error();
  pid_t watchdog = ::fork();
  if (watchdog < 0) return system_error("fork");
  if (watchdog > 0) return std::string("started");
  leave_terminal(folder);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pid_t agent = ::fork();
  if (agent != 0) {
    door->reset();  // once the agent is dead, nobody is to be reached
    watch(agent, folder);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  HostPlace place{.folder = folder, .door = *std::move(door), .patience = patience};
  ::_exit(Agent(std::move(place)).run());
}

Status attach_to_host(const HostFolder& folder) {
  Result<Descriptor> socket = connect_to(folder);
  if (!socket) return socket.error();
  struct Way {
    int from;
    int to;
  };
  const std::array<Way, 2> ways{{{STDIN_FILENO, socket->get()}, {socket->get(), STDOUT_FILENO}}};
  std::array<char, 16384> bytes;
  while (true) {
    std::array<pollfd, 2> watch{{{ways[0].from, POLLIN, 0}, {ways[1].from, POLLIN, 0}}};
    if (::poll(watch.data(), watch.size(), -1) < 0 && errno != EINTR) return Done{};
    for (std::size_t i = 0; i < ways.size(); ++i) {
      if (watch[i].revents == 0) continue;
      ssize_t size = ::read(ways[i].from, bytes.data(), bytes.size());
      if (size <= 0) return Done{};
      for (ssize_t at = 0; at < size;) {
        ssize_t sent = ::write(ways[i].to, bytes.data() + at, static_cast<std::size_t>(size - at));
        if (sent < 0) return Done{};
        at += sent;
      }
    }
  }
}

}  // namespace sunder
