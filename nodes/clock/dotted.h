#pragma once
// Dotted version vectors (Preguica, Baquero, Almeida, Fonte and Goncalves, "Dotted Version Vectors:
// Logical Clocks for Optimistic Replication", 2010; Almeida, Baquero, Goncalves, Preguica and
// Fonte, "Scalable and Accurate Causality Tracking for Eventually Consistent Stores", DAIS 2014):
// servers name writes, and yet concurrent writes of two clients at one server stay concurrent.

#include <compare>
#include <tuple>

#include "harness/core/codec.h"
#include "nodes/clock/vector.h"

namespace sunder::clock {

/// The count-th event of a node: its name for good.
struct Dot {
  std::int64_t node = 0;   // index
  std::int64_t count = 0;  // from 1; 0: none
  static constexpr auto fields() {
    return std::tuple{field("node", &Dot::node), field("count", &Dot::count)};
  }
  auto operator<=>(const Dot&) const = default;
};

/// Whether an event is among those that a vector knows.
inline bool covers(const VectorClock& clock, const Dot& dot) {
  return dot.node >= 0 && clock.at(static_cast<std::size_t>(dot.node)) >= dot.count;
}

/// An event and what its author knew, which may leave out events of the same node. A plain vector
/// cannot say that: with count 3 of a node it has counts 1 and 2 as well.
struct DottedVector {
  Dot dot;
  VectorClock past;  // without the dot

  /// By causality alone: one is before another whose author knew it. Equal dots are one event.
  Order compare(const DottedVector& other) const;
  /// The least plain vector that knows the event and its past.
  VectorClock ceiling() const;
  bool operator==(const DottedVector&) const = default;
};

std::string to_string(const DottedVector& clock);  // "2:5 3,0,1": count 5 of node 2, and its past
std::optional<DottedVector> parse_dotted_vector(std::string_view text);

}  // namespace sunder::clock
