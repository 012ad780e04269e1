#pragma once
// Makes a process that is about to begin read its wall clock from a clock file. No program is
// changed: the table by which programs find the clock functions of the vDSO, which is the kernel's,
// gets other addresses before anybody has looked them up. So static and Go programs are bent too,
// at the cost of a few nanoseconds a call. A later exec undoes it for that process.

#include <sys/types.h>

#include <filesystem>

#include "harness/core/result.h"

namespace sunder {

/// REQUIRES: the process was launched held (process.h) by the calling thread and is so still.
/// `file` is a WallClock's, by the path that the process sees. It stays held.
Status redirect_clock(pid_t held, const std::filesystem::path& file);

/// Whether a process has the clock file mapped, by the path that it sees; true of one that has no
/// memory (any more).
bool sees_clock(pid_t pid, const std::filesystem::path& file);

}  // namespace sunder
