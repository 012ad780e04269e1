#pragma once
// How many versions old reads are, exactly, in the best order that real time allows.

#include <span>
#include <vector>

#include "checker/staleness/clusters.h"

namespace sunder::staleness {

/// A history of one key is k-atomic when some order of its operations keeps real time and puts each
/// read after its write with fewer than k other writes between them (Aiyer, Alvisi and Bazzi, DISC
/// 2005). 1-atomic is linearizable. For larger k than 2 nobody knows an algorithm that is fast.
enum class Atomicity : std::uint8_t {
  one,
  two,
  more,     // not 2-atomic, but k-atomic for some larger k
  nowhere,  // a read returned before its write was invoked
};

struct AtomicityFinding {
  Atomicity smallest = Atomicity::one;
  /// Clusters, as places in the span given, that by themselves are no better than `smallest`: two
  /// of them for `two`, one for `nowhere`, none for `one`.
  std::vector<std::uint32_t> because;
};

/// Of the clusters of one key, in O(n log n). 1-atomicity by the zones of Gibbons and Korach (SIAM
/// J. Comput. 1997, section 4), 2-atomicity by FZF of Golab, Hurwitz and Li ("On the k-atomicity-
/// verification problem", ICDCS 2013, section 4). A write that never returned has no end of its
/// own, but must have happened before its first read returned.
AtomicityFinding smallest_k(std::span<const Cluster> clusters);

}  // namespace sunder::staleness
