#pragma once
// Hybrid logical clocks (Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical Physical Clocks",
// OPODIS 2014, figure 5): close to the wall clock, and yet above everything that was seen.

#include <algorithm>
#include <compare>
#include <cstdint>

namespace sunder::clock {

struct HybridTime {
  std::int64_t wall = 0;   // nanoseconds: the largest wall clock reading heard of
  std::int64_t count = 0;  // events since `wall` last moved
  auto operator<=>(const HybridTime&) const = default;
};

class HybridClock {
 public:
  HybridTime now() const { return now_; }
  /// The time of a new event, given what the wall clock says: above everything seen so far, also
  /// when the wall clock has stepped back.
  HybridTime tick(std::int64_t wall) {
    now_ = wall > now_.wall ? HybridTime{wall, 0} : HybridTime{now_.wall, now_.count + 1};
    return now_;
  }
  /// Something with this time has been seen. The paper ticks on receipt; that the next tick() is
  /// above it is all that is needed here, so that receiving twice is receiving once.
  void observe(HybridTime time) { now_ = std::max(now_, time); }

 private:
  HybridTime now_;
};

}  // namespace sunder::clock
