#pragma once
// Runs that never happened, as a report would find them.

#include <filesystem>

#include "reports/report.h"

namespace sunder {

/// What went wrong in the invented run.
enum class Story : std::uint8_t {
  healthy,     // two faults, both confirmed; nothing broken
  stale_read,  // a read on a cut-off leader misses a write that was acknowledged before it began
  undecided,   // the checker gave up, a fault was not confirmed, the harness was late
};

/// Twenty seconds of a keyed cas-register on five nodes under a partition and a kill.
ReportInput invented_run(Story story);

/// Stores a run the way a real one is stored, for reading it back.
void store_run(const ReportInput& input, const std::filesystem::path& folder);

}  // namespace sunder
