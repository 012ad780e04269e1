#pragma once
// How stale each read was at the least, as far as its clients can know.

#include <cstdint>
#include <vector>

#include "checker/staleness/clusters.h"

namespace sunder::staleness {

/// Lower bounds for one read that returned the value of a write w (or the initial value, which is
/// older than all). A write w' of the key is surely newer than w when it was invoked after w had
/// settled (Cluster::settled), and surely done when it had settled before the read was invoked.
/// Whatever orders the writes of a key without contradicting real time puts all such w' after w, so
/// the read was at least this stale; it may have been more. Golab, Li and Shah (PODC 2011) call the
/// like of these the k and the delta of a read.
struct Bound {
  Index read = 0;
  /// How many writes were surely newer and surely done.
  std::uint32_t newer = 0;
  /// Nanoseconds since the first of them had settled, at the read's invocation; 0 when none had.
  std::int64_t stale_for = 0;
  /// Nanoseconds since the latest write of the key that was surely done had settled; -1 when none
  /// was. That is the age by which Bailis et al. (VLDB 2012) measure t-visibility.
  std::int64_t age = -1;
  bool missed = false;       // that write was surely newer than what the read returned
  bool from_future = false;  // it returned before its write was invoked: nothing is measured

  bool stale() const { return newer != 0; }
};

/// Of all reads, key by key in order of their invocations; O(n log n).
std::vector<Bound> bounds_of(const Registers& registers, const Clusters& clusters);

}  // namespace sunder::staleness
