#include "harness/agent/node_clock.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "harness/agent/fields.h"
#include "harness/core/json.h"
#include "harness/faultkit/clock/redirect.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/system_error.h"

namespace sunder {

Result<NodeClock> NodeClock::create(const std::filesystem::path& file) {
  Result<WallClock> wall = WallClock::create(file);
  if (!wall) return wall.error();
  return NodeClock(*std::move(wall));
}

Result<pid_t> NodeClock::launch(Launch launch) const {
  launch.held = true;
  Result<pid_t> child = sunder::launch(launch);
  if (!child) return child;
  Status ready = redirect_clock(*child, wall_.file());
  if (ready) ready = let_go(*child);
  if (ready) return child;
  ::kill(*child, SIGKILL);
  while (::waitpid(*child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ready.error();
}

Result<NodeClock::Seen> NodeClock::look() const {
  Descriptor said(::memfd_create("clock", MFD_CLOEXEC));
  if (!said) return system_error("make a file in memory");
  Launch program;
  program.command = {"/proc/self/exe", tell_clocks_argument};
  program.log = "/proc/self/fd/" + std::to_string(said.get());
  Result<pid_t> child = launch(program);
  if (!child) return child.error();
  while (::waitpid(*child, nullptr, 0) < 0 && errno == EINTR) {
  }
  ClockReading ours = read_clocks();
  std::array<char, 256> text{};
  ssize_t size = ::pread(said.get(), text.data(), text.size(), 0);
  std::string_view line(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  Result<Value> told = parse_json(line);
  if (!told || told->find("wall") == nullptr) {
    return Error{Error::Code::environment, "the program that reads the node's clock said nothing"};
  }
  std::int64_t monotonic = integer_of(*told, "monotonic");
  return Seen{monotonic, (integer_of(*told, "wall") - monotonic) - (ours.wall - ours.monotonic)};
}

Status NodeClock::take_in_all() const {
  for (pid_t pid : family_of(::getpid())) {
    if (reads_clock(pid, wall_.file())) continue;
    std::optional<ProcessInfo> info = process_info(pid);
    bool paused = info && (info->state == 'T' || info->state == 't');
    Status done = Error{Error::Code::refused, "it is paused"};
    if (!paused) done = redirect_running(pid, wall_.file());
    if (done || reads_clock(pid, wall_.file())) continue;
    return Error{Error::Code::refused, "process " + std::to_string(pid) +
                                           " of the node would not notice: " +
                                           done.error().context};
  }
  return Done{};
}

std::string tell_clocks() {
  ClockReading now = read_clocks();
  Map told;
  told["monotonic"] = now.monotonic;
  told["wall"] = now.wall;
  return to_json(Value(std::move(told)));
}

}  // namespace sunder
