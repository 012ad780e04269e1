#pragma once
// Large histories in which every value is put in or written once, as the benchmarks use them.

#include <cstdint>

#include "checker/linearizable/call.h"

namespace sunder::testing_support {

/// What the calls are done to.
enum class Thing : std::uint8_t { queue, stack, priority_queue, set, cell };

/// A seeded simulation: every call takes effect at one instant between its invocation and its
/// return, so the history is linearizable by construction. Containers are added to and taken from
/// with equal chances, and takes of an empty one find nothing; of a set, one third each are adds
/// and removes of elements of their own and looks for them; of a cell (a register), half are
/// writes. Crashed calls take effect at some time, or never, with equal chances. Ids count from 1.
struct DistinctHistory {
  Thing thing = Thing::queue;
  std::uint64_t seed = 1;
  std::uint32_t operations = 1'000'000;
  std::uint32_t processes = 8;
  std::uint32_t add_crash_per_mille = 0;   // of adds and writes
  std::uint32_t take_crash_per_mille = 0;  // of takes
};
linearizable::Operations distinct_history(const DistinctHistory& wanted);

}  // namespace sunder::testing_support
