#include "harness/faultkit/clock/tracee.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "harness/faultkit/system_error.h"

namespace sunder {

Result<Tracee> Tracee::of(pid_t pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/mem";
  Descriptor memory(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!memory) return system_error("open the memory of a process of the node");
  return Tracee(pid, std::move(memory));
}

bool Tracee::read(std::uintptr_t address, std::span<std::byte> bytes) const {
  return ::pread(memory_.get(), bytes.data(), bytes.size(), static_cast<off_t>(address)) ==
         static_cast<ssize_t>(bytes.size());
}

bool Tracee::write(std::uintptr_t address, std::span<const std::byte> bytes) const {
  // Word by word, as a node's /proc is read-only and other kernels forbid to write memory by it.
  for (std::size_t done = 0; done < bytes.size(); done += sizeof(long)) {
    long word = 0;
    std::size_t size = std::min(sizeof word, bytes.size() - done);
    if (!read(address + done, std::as_writable_bytes(std::span(&word, 1)))) return false;
    std::memcpy(&word, bytes.data() + done, size);
    if (::ptrace(PTRACE_POKEDATA, pid_, address + done, word) != 0) return false;
  }
  return true;
}

#if defined(__x86_64__)

Result<std::uintptr_t> Tracee::scratch(std::size_t size) const {
  constexpr std::uintptr_t red_zone = 128;
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, pid_, nullptr, &registers) != 0) {
    return system_error("read the registers of a process of the node");
  }
  return (registers.rsp - red_zone - size) / 16 * 16;
}

/// One instruction.
bool Tracee::step() const {
  int status = 0;
  do {
    if (::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0 ||
        ::waitpid(pid_, &status, __WALL) != pid_ || !WIFSTOPPED(status)) {
      return false;
    }
  } while (status >> 16 == PTRACE_EVENT_STOP);  // of an interrupt that came late
  return WSTOPSIG(status) == SIGTRAP;
}

Result<std::uintptr_t> Tracee::call(std::uintptr_t gate, long number,
                                    const std::array<std::uintptr_t, 6>& arguments) const {
  user_regs_struct saved{};
  if (::ptrace(PTRACE_GETREGS, pid_, nullptr, &saved) != 0) {
    return system_error("read the registers of a process of the node");
  }
  user_regs_struct calling = saved;
  calling.rip = gate;
  calling.rax = static_cast<unsigned long long>(number);
  calling.orig_rax = ~0ULL;  // there is no system call that the kernel might restart
  calling.rdi = arguments[0];
  calling.rsi = arguments[1];
  calling.rdx = arguments[2];
  calling.r10 = arguments[3];
  calling.r8 = arguments[4];
  calling.r9 = arguments[5];
  // A process that runs already may be about to get signals: they wait.
  std::uint64_t all = ~0ULL;
  std::uint64_t blocked = 0;
  bool quiet = ::ptrace(PTRACE_GETSIGMASK, pid_, sizeof blocked, &blocked) == 0 &&
               ::ptrace(PTRACE_SETSIGMASK, pid_, sizeof all, &all) == 0;
  user_regs_struct after{};
  bool stepped = quiet && ::ptrace(PTRACE_SETREGS, pid_, nullptr, &calling) == 0 && step() &&
                 ::ptrace(PTRACE_GETREGS, pid_, nullptr, &after) == 0;
  if (::ptrace(PTRACE_SETREGS, pid_, nullptr, &saved) != 0 || !stepped ||
      ::ptrace(PTRACE_SETSIGMASK, pid_, sizeof blocked, &blocked) != 0) {
    return system_error("make a process of the node call the kernel");
  }
  auto returned = static_cast<long long>(after.rax);
  constexpr long long error_most = 4095;
  if (returned < 0 && returned >= -error_most) {
    errno = static_cast<int>(-returned);
    return system_error("have a process of the node call the kernel");
  }
  return after.rax;
}

#else

Result<std::uintptr_t> Tracee::scratch(std::size_t) const {
  return Error{Error::Code::environment, "clocks can be bent on x86-64 only"};
}

Result<std::uintptr_t> Tracee::call(std::uintptr_t, long,
                                    const std::array<std::uintptr_t, 6>&) const {
  return Error{Error::Code::environment, "clocks can be bent on x86-64 only"};
}

#endif

}  // namespace sunder
