#pragma once
// Sets that only grow, and sets in which a remove takes the adds that it saw.

#include <map>
#include <set>

#include "harness/core/value.h"
#include "nodes/lattice/config.h"
#include "nodes/lattice/numbers.h"

namespace sunder::lattice {

/// RR-7506, section 3: the state-based G-set. Beside each element stands the least update that
/// added it, as far as is known: a replica that knows that update has the element, so that parts of
/// a set can be sent (Almeida, Shoker and Baquero, "Delta State Replicated Data Types", JPDC 2018).
class GrowSet {
 public:
  void add(std::int64_t element, const clock::Dot& dot);
  void join(const GrowSet& other);
  /// What a replica may lack that knows these updates.
  GrowSet since(const clock::VectorClock& known) const;

  Value answer() const;
  std::uint64_t fingerprint() const { return fingerprint_; }
  void put(NumberWriter& out) const;
  static GrowSet get(NumberReader& in);
  bool operator==(const GrowSet&) const = default;

 private:
  std::map<std::int64_t, clock::Dot> elements_;
  std::uint64_t fingerprint_ = 0;  // the sum of its elements', so that it need not be walked
};

/// The observed-remove set without tombstones (Bieniusa, Zawirski, Preguica, Shapiro, Baquero,
/// Balegas and Duarte, "An Optimized Conflict-free Replicated Set", INRIA RR-8083, 2012): an
/// element is present while an add of it is; an add that a replica knows and does not hold has been
/// removed.
class ObservedSet {
 public:
  void add(std::int64_t element, const clock::Dot& dot);
  void remove(std::int64_t element, std::int64_t now);
  bool has(std::int64_t element) const { return adds_.contains(element); }
  /// `known`: all updates that this set is made of; `theirs`: those of the other.
  void join(const clock::VectorClock& known, const ObservedSet& other,
            const clock::VectorClock& theirs, const Flaws& flaws, std::int64_t now);

  Value answer() const;
  std::uint64_t fingerprint() const;
  void put(NumberWriter& out) const;
  static ObservedSet get(NumberReader& in);
  bool operator==(const ObservedSet& other) const { return adds_ == other.adds_; }

 private:
  using Dots = std::set<clock::Dot>;
  void bury(const clock::Dot& dot, std::int64_t now) { removed_[dot] = now; }
  bool buried(const clock::Dot& dot, const Flaws& flaws, std::int64_t now) const;

  std::map<std::int64_t, Dots> adds_;           // by element, none of them empty
  std::map<clock::Dot, std::int64_t> removed_;  // when; only the flaw that forgets it asks
};

}  // namespace sunder::lattice
