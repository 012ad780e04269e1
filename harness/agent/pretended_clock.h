#pragma once
// A wall clock that is only a file: for tests of what bends clocks, on machines whose own clock
// must not be touched.

#include <filesystem>

#include "harness/faultkit/host_clock.h"

namespace sunder {

/// The file outlives the process, as a clock does. Beside the clock it names services, one a line,
/// that are taken to run. Not thread-safe.
std::unique_ptr<HostClock> pretended_clock(std::filesystem::path file);

}  // namespace sunder
