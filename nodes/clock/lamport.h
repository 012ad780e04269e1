#pragma once
// Logical time (Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
// CACM 1978): if one event can have caused another, its time is smaller.

#include <algorithm>
#include <compare>
#include <cstdint>

namespace sunder::clock {

/// A point in the total order that extends causality: logical time, then the node. The node's
/// index decides between concurrent events only, so that the order is transitive.
struct LamportStamp {
  std::int64_t time = 0;
  std::int64_t node = 0;  // index of the node that made it
  auto operator<=>(const LamportStamp&) const = default;
};

class LamportClock {
 public:
  /// The time of the last event here, or of what was heard of since.
  std::int64_t now() const { return now_; }
  /// The time of a new event: above everything seen so far.
  std::int64_t tick() { return ++now_; }
  /// Something with this time has been seen.
  void observe(std::int64_t time) { now_ = std::max(now_, time); }

 private:
  std::int64_t now_ = 0;
};

}  // namespace sunder::clock
