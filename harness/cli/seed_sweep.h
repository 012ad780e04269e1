#pragma once
// One plan over many seeds of the simulator, on several threads.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "harness/cli/simulate.h"

namespace sunder {

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t count = 100;
  int jobs = 0;  // threads; 0: one for each core
};

/// What a sweep of one plan came to.
struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t valid = 0;
  std::uint64_t unknown = 0;
  std::uint64_t invalid = 0;
  std::uint64_t ops_ok = 0;
  std::uint64_t messages = 0;
  Duration virtual_time{0};
  Duration cpu_time{0};  // of all threads together
  Duration wall_time{0};
  // The first seed of each kind and what was said of it.
  std::optional<std::pair<std::uint64_t, std::string>> first_invalid;
  std::optional<std::pair<std::uint64_t, std::string>> first_unknown;
  std::string first_anomaly;
  std::optional<std::uint64_t> first_named;  // first seed in which an anomaly cites ops
  std::optional<std::uint64_t> first_seen;   // the same of an anomaly that clients saw

  void add(const SimulatedRun& run);
};

/// The name of the first anomaly of the first part that is invalid; empty when there is none.
std::string anomaly_of(const Verdict& verdict);

/// Whether to go on with more seeds, after a run; `tally` has the run in it.
using GoOn = std::function<bool(const SimulatedRun& run, const Tally& tally)>;

/// Simulates and judges the seeds in order, with several in flight. `look` is called for one run
/// at a time, in no certain order: seeds in flight come in after it has said to stop.
Tally sweep_seeds(Plan plan, const SeedRange& range, const GoOn& look);

}  // namespace sunder
