#include "checker/staleness/atomicity.h"

#include <algorithm>

namespace sunder::staleness {
namespace {

using Order = std::vector<std::uint32_t>;

/// From the first return of a cluster's operations to their last invocation its value must last:
/// a forward zone. The other way round, all of them have the time between in common.
struct Zone {
  Moment low;
  Moment high;
  std::uint32_t cluster = 0;
};

/// Forward zones that overlap, one after the other, and the backward ones inside of their time.
struct Chunk {
  Moment end;
  Order forward;   // by low ends
  Order backward;
};

class Zones {
 public:
  explicit Zones(std::span<const Cluster> clusters) : clusters_(clusters) {
    for (std::uint32_t i = 0; i < clusters.size(); ++i) {
      const Cluster& one = clusters[i];
      if (one.settled < one.last_call) {
        forward_.push_back({one.settled, one.last_call, i});
      } else {
        backward_.push_back({one.last_call, one.settled, i});
      }
    }
    auto by_low = [](const Zone& a, const Zone& b) { return a.low < b.low; };
    std::sort(forward_.begin(), forward_.end(), by_low);
    std::sort(backward_.begin(), backward_.end(), by_low);
  }

  /// Two clusters that exclude 1-atomicity; empty when there are none.
  Order crossing() const {
    for (std::size_t i = 1; i < forward_.size(); ++i) {
      if (forward_[i].low < forward_[i - 1].high) {
        return {forward_[i - 1].cluster, forward_[i].cluster};
      }
    }
    std::size_t next = 0;  // the first forward zone that begins later
    for (const Zone& inner : backward_) {
      while (next < forward_.size() && forward_[next].low < inner.low) ++next;
      if (next != 0 && inner.high < forward_[next - 1].high) {
        return {forward_[next - 1].cluster, inner.cluster};
      }
    }
    return {};
  }

  /// A chunk that is not 2-atomic; empty when all are, and then so is the whole. For the rest,
  /// clusters with a backward zone, can each happen at an instant outside of every chunk.
  Order tangled() const {
    std::size_t inner = 0;
    for (std::size_t next = 0; next < forward_.size();) {
      Moment begin = forward_[next].low;
      Chunk chunk{.end = forward_[next].high};
      for (; next < forward_.size() && forward_[next].low < chunk.end; ++next) {
        chunk.forward.push_back(forward_[next].cluster);
        chunk.end = std::max(chunk.end, forward_[next].high);
      }
      for (; inner < backward_.size() && backward_[inner].low < chunk.end; ++inner) {
        const Zone& zone = backward_[inner];
        if (begin < zone.low && zone.high < chunk.end) chunk.backward.push_back(zone.cluster);
      }
      if (!two_atomic(chunk)) {
        chunk.forward.insert(chunk.forward.end(), chunk.backward.begin(), chunk.backward.end());
        return chunk.forward;
      }
    }
    return {};
  }

 private:
  /// Forward zones must stand in the order of their low ends, but that the first two may change
  /// places; backward ones inside can only stand before or after all of them, one at either end.
  bool two_atomic(const Chunk& chunk) const {
    if (chunk.backward.size() > 2) return false;
    if (tried_at_ends(chunk.forward, chunk.backward)) return true;
    if (chunk.forward.size() < 2) return false;
    Order swapped = chunk.forward;
    std::swap(swapped[0], swapped[1]);
    return tried_at_ends(swapped, chunk.backward);
  }

  bool tried_at_ends(const Order& forward, const Order& backward) const {
    if (backward.empty()) return fits({}, forward, {});
    std::span<const std::uint32_t> ends = backward;
    if (ends.size() == 1) return fits(ends, forward, {}) || fits({}, forward, ends);
    return fits(ends.first(1), forward, ends.last(1)) || fits(ends.last(1), forward, ends.first(1));
  }

  /// Whether the writes can stand in this order, each read before the second write after its own.
  /// Every operation is given the earliest place that the ones before it leave; it must have been
  /// invoked by then, and neither it nor, of a write, its first reader returned before.
  bool fits(std::span<const std::uint32_t> before, std::span<const std::uint32_t> middle,
            std::span<const std::uint32_t> after) const {
    Moment write = before_all;          // place of the last write
    Moment last_read = before_all;      // of the last write's value
    Moment earlier_read = before_all;   // of the value before that
    for (auto part : {before, middle, after}) {
      for (std::uint32_t i : part) {
        const Cluster& cluster = clusters_[i];
        write = std::max({cluster.invoked, write, earlier_read});
        if (cluster.settled < write) return false;
        earlier_read = last_read;
        last_read = std::max(write, cluster.last_call);
      }
    }
    return true;
  }

  std::span<const Cluster> clusters_;
  std::vector<Zone> forward_;   // low: the first return
  std::vector<Zone> backward_;  // low: the last invocation
};

}  // namespace

AtomicityFinding smallest_k(std::span<const Cluster> clusters) {
  for (std::uint32_t i = 0; i < clusters.size(); ++i) {
    if (clusters[i].from_future()) return {Atomicity::nowhere, {i}};
  }
  Zones zones(clusters);
  Order crossing = zones.crossing();
  if (crossing.empty()) return {};
  Order tangled = zones.tangled();
  if (tangled.empty()) return {Atomicity::two, std::move(crossing)};
  return {Atomicity::more, std::move(tangled)};
}

}  // namespace sunder::staleness
