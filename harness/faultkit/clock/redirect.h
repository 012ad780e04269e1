#pragma once
// Makes a process read its wall clock from a clock file, by changing its copy of the vDSO, which is
// the kernel's and by which every program reads clocks, static and Go programs too. No program is
// changed. Children inherit it; what executes another program starts anew.

#include <sys/types.h>

#include <filesystem>

#include "harness/core/result.h"

namespace sunder {

/// Of a process that is about to begin: the table by which programs find the vDSO's functions gets
/// other addresses before anybody has looked them up. That costs a few nanoseconds a call.
/// REQUIRES: it was launched held (process.h) by the calling thread and is so still. `file` is a
/// WallClock's, by the path that the process sees. It stays held.
Status redirect_clock(pid_t held, const std::filesystem::path& file);

/// Of a process that runs: the functions themselves are overwritten, while no thread is at their
/// begin, and the kernel is asked in their place, which costs a system call.
Status redirect_running(pid_t pid, const std::filesystem::path& file);

/// Whether one of the above has been done to a process; true of one that has no memory (any more).
/// That a program has the file mapped through its library does not count: Go programs have it, too,
/// and do not call it.
bool reads_clock(pid_t pid, const std::filesystem::path& file);

}  // namespace sunder
