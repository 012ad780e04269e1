#pragma once
// A process that is held, as its tracer sees it.

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <span>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

class Tracee {
 public:
  /// REQUIRES: the calling thread traces the process, and it is stopped.
  static Result<Tracee> of(pid_t pid);

  bool read(std::uintptr_t address, std::span<std::byte> bytes) const;
  /// Also where the process itself may not write; it then gets a copy of its own.
  bool write(std::uintptr_t address, std::span<const std::byte> bytes) const;
  /// Below its stack, for what a call is to read.
  Result<std::uintptr_t> scratch(std::size_t size) const;
  /// Makes the process call the kernel, by the instruction at `gate`; all its registers are as
  /// before then. What the kernel returned: an Error if that was one.
  Result<std::uintptr_t> call(std::uintptr_t gate, long number,
                              const std::array<std::uintptr_t, 6>& arguments) const;

 private:
  bool step() const;
  Tracee(pid_t pid, Descriptor memory) : pid_(pid), memory_(std::move(memory)) {}
  pid_t pid_;
  Descriptor memory_;
};

}  // namespace sunder
