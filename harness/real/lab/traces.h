#pragma once
// The traces of a lab's nodes, put together after the run.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/api/system.h"
#include "harness/api/world.h"

namespace sunder {

struct MergedTraces {
  std::vector<BrokenInvariant> broken_invariants;
  std::map<std::string, std::uint64_t> probes;
  std::uint64_t events = 0;
  std::uint64_t watched = 0;  // of them: shown to the invariants
};

/// One node's trace, and what its host's clock showed at the run's zero.
struct TraceSource {
  std::filesystem::path file;
  std::int64_t epoch = 0;  // nanoseconds
};

/// Merges the files by time into `merged`, and shows them to the system's invariants. Missing files
/// are empty; a torn last line, as a killed node leaves it, is skipped.
Result<MergedTraces> merge_traces(const std::vector<TraceSource>& sources,
                                  const std::filesystem::path& merged, const System& system);
/// Into the record of a world; lost traces are logged.
void note_traces(Result<MergedTraces> traces, WorldRecord& record);

}  // namespace sunder
