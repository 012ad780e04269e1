#pragma once
// The traces of a lab's nodes, put together after the run.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/api/system.h"

namespace sunder {

struct MergedTraces {
  std::vector<BrokenInvariant> broken_invariants;
  std::map<std::string, std::uint64_t> probes;
  std::uint64_t events = 0;
  std::uint64_t watched = 0;  // of them: shown to the invariants
};

/// Merges the files by time (all are of this host's clock, `epoch` nanoseconds before the run's
/// zero) into `merged`, and shows them to the system's invariants. Missing files are empty; a torn
/// last line, as a killed node leaves it, is skipped.
Result<MergedTraces> merge_traces(const std::vector<std::filesystem::path>& files,
                                  const std::filesystem::path& merged, std::int64_t epoch,
                                  const System& system);

}  // namespace sunder
