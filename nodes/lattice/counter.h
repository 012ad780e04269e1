#pragma once
// Counters that grow and shrink (Shapiro, Preguica, Baquero and Zawirski, INRIA RR-7506, 2011,
// section 3): for each node the sum of its increments and the sum of its decrements.

#include "harness/core/value.h"
#include "nodes/lattice/config.h"
#include "nodes/lattice/numbers.h"

namespace sunder::lattice {

class Counter {
 public:
  /// REQUIRES: node < VectorClock::nodes_max
  void add(std::size_t node, std::int64_t amount);
  void join(const Counter& other, const Flaws& flaws);
  std::int64_t total() const;
  void forget(std::size_t node);  // a flaw: what this node has counted

  Value answer() const { return Value(total()); }
  std::uint64_t fingerprint() const { return static_cast<std::uint64_t>(total()); }
  void put(NumberWriter& out) const;
  static Counter get(NumberReader& in);
  bool operator==(const Counter&) const = default;

 private:
  clock::VectorClock ups_;  // by node; sums, not counts, but they grow in the same way
  clock::VectorClock downs_;
};

}  // namespace sunder::lattice
