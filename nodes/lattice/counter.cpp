#include "nodes/lattice/counter.h"

#include <algorithm>

namespace sunder::lattice {
namespace {

constexpr std::int64_t sum_max = std::int64_t{1} << 50;  // so that totals of all nodes fit

clock::VectorClock sum(const clock::VectorClock& one, const clock::VectorClock& other) {
  clock::VectorClock result = one;
  for (std::size_t i = 0; i < other.counts().size(); ++i) {
    std::int64_t room = sum_max - one.at(i);
    result.raise(i, one.at(i) + std::min(other.at(i), room));
  }
  return result;
}

clock::VectorClock without(const clock::VectorClock& clock, std::size_t node) {
  std::vector<std::int64_t> counts = clock.counts();
  if (node < counts.size()) counts[node] = 0;
  return clock::VectorClock(std::move(counts));
}

}  // namespace

void Counter::add(std::size_t node, std::int64_t amount) {
  clock::VectorClock& side = amount < 0 ? downs_ : ups_;
  side.raise(node, std::min(side.at(node) + (amount < 0 ? -amount : amount), sum_max));
}

void Counter::join(const Counter& other, const Flaws& flaws) {
  if (flaws.entries_summed) {
    ups_ = sum(ups_, other.ups_);
    downs_ = sum(downs_, other.downs_);
    return;
  }
  if (!flaws.net_by_maximum) {
    ups_.merge(other.ups_);
    downs_.merge(other.downs_);
    return;
  }
  for (std::size_t i = 0; i < clock::VectorClock::nodes_max; ++i) {
    std::int64_t theirs = other.ups_.at(i) - other.downs_.at(i);
    if (theirs <= ups_.at(i) - downs_.at(i)) continue;
    forget(i);
    ups_.raise(i, other.ups_.at(i));
    downs_.raise(i, other.downs_.at(i));
  }
}

void Counter::forget(std::size_t node) {
  ups_ = without(ups_, node);
  downs_ = without(downs_, node);
}

std::int64_t Counter::total() const {
  std::int64_t total = 0;
  for (std::int64_t up : ups_.counts()) total += up;
  for (std::int64_t down : downs_.counts()) total -= down;
  return total;
}

void Counter::put(NumberWriter& out) const {
  out.put(ups_);
  out.put(downs_);
}

Counter Counter::get(NumberReader& in) {
  Counter counter;
  // Added to nothing, so that no sum is above its bound, whatever damage says.
  counter.ups_ = sum({}, in.clock());
  counter.downs_ = sum({}, in.clock());
  return counter;
}

}  // namespace sunder::lattice
