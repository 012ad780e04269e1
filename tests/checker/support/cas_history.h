#pragma once
// Large histories of one compare-and-set register, as the benchmarks use them.

#include <cstdint>

#include "checker/linearizable/call.h"

namespace sunder::testing_support {

/// A seeded simulation: every call takes effect at one instant between its invocation and its
/// return, so the history is linearizable by construction unless a violation is planted, after 90 %
/// of the operations. A third each of reads, writes and compare-and-sets, of the values 0 to
/// `values` - 1; a compare-and-set that does not apply fails and is left out, as Jepsen does. Ids
/// are values + 1, the register begins as nil.
struct CasHistory {
  enum class Plant : std::uint8_t {
    nothing,
    outside_domain,  // two values of their own are written one after the other, the first is read
    inside_domain,   // reads that alternate more often than all pending calls can make them
  };
  std::uint64_t seed = 1;
  std::uint32_t operations = 1000;
  std::uint32_t processes = 10;
  std::int32_t values = 5;
  std::uint32_t crash_per_mille = 0;  // calls that crash; half of them take effect at some time
  Plant plant = Plant::nothing;
  /// Crashes begin only after the violation, so that no crashed call can explain it.
  bool crash_after_plant = false;
};
linearizable::Operations cas_history(const CasHistory& wanted);

}  // namespace sunder::testing_support
