#pragma once
// All small histories.

#include <functional>

#include "checker/weak/history.h"
#include "tests/checker/weak/support/relation.h"

namespace sunder::weak::support {

struct Bounds {
  std::size_t operations = 0;
  std::int32_t keys = 3;
  std::size_t sessions = 4;
};

using Visit = std::function<void(const Registers& registers)>;

/// Visits every history of exactly so many operations once, whatever its keys, values and sessions
/// are called. All have the usual times.
void each_history(const Bounds& bounds, const Visit& visit);

/// The events of a history in an order, as places of call and answer for each operation.
using Timing = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
/// For sessions of these lengths: one timing for each relation that real time can be.
std::vector<Timing> timings(const std::vector<std::size_t>& lengths);
std::vector<std::size_t> session_lengths(const Registers& registers);
/// Times are places, `step` nanoseconds each.
void set_timing(Registers& registers, const Timing& timing, std::int64_t step = 1);

/// All transitive relations on so many operations that relate none to itself.
std::vector<Relation> partial_orders(std::size_t operations);

}  // namespace sunder::weak::support
