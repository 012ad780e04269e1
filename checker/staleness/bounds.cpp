#include "checker/staleness/bounds.h"

#include <algorithm>
#include <numeric>

namespace sunder::staleness {
namespace {

/// How many of the ranks added so far are below one (Fenwick, 1994).
class RankCounts {
 public:
  explicit RankCounts(std::size_t ranks) : sums_(ranks + 1) {}

  void add(std::size_t rank) {
    for (std::size_t i = rank + 1; i < sums_.size(); i += i & (~i + 1)) ++sums_[i];
  }
  std::uint32_t below(std::size_t rank) const {
    std::uint32_t count = 0;
    for (std::size_t i = rank; i != 0; i &= i - 1) count += sums_[i];
    return count;
  }

 private:
  std::vector<std::uint32_t> sums_;
};

/// Goes through the reads of one key in order of their invocations, and keeps up with the writes
/// that have settled by then.
class KeySweep {
 public:
  KeySweep(const Registers& registers, const Clusters& clusters, std::int32_t key)
      : registers_(registers),
        all_(clusters),
        clusters_(clusters.of_key(key)),
        by_settling_(clusters_.size()),
        first_settled_(clusters_.size() + 1, not_yet),
        settled_by_invocation_(clusters_.size()) {
    std::iota(by_settling_.begin(), by_settling_.end(), 0U);
    std::sort(by_settling_.begin(), by_settling_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return clusters_[a].settled < clusters_[b].settled;
    });
    for (std::size_t i = clusters_.size(); i > 0; --i) {
      first_settled_[i - 1] = std::min(first_settled_[i], clusters_[i - 1].settled);
    }
  }

  Bound next(Index at) {
    const Operation& read = registers_[at];
    Moment now = invocation(read);
    while (settled_ < by_settling_.size() && clusters_[by_settling_[settled_]].settled < now) {
      settled_by_invocation_.add(by_settling_[settled_++]);
    }
    Bound bound{.read = at};
    const Cluster& source = clusters_[all_.cluster_of(at)];
    if (completion(read) < source.invoked) {
      bound.from_future = true;
      return bound;
    }
    if (settled_ == 0) return bound;
    const Cluster& latest = clusters_[by_settling_[settled_ - 1]];
    if (latest.write != weak::initial) {
      bound.age = elapsed(latest.settled, now);
      bound.missed = source.settled < latest.invoked;
    }
    std::size_t newer = first_after(source.settled);
    bound.newer =
        static_cast<std::uint32_t>(settled_) - settled_by_invocation_.below(newer);
    if (bound.newer != 0) bound.stale_for = elapsed(first_settled_[newer], now);
    return bound;
  }

 private:
  // The first cluster whose write was invoked after a moment.
  std::size_t first_after(Moment moment) const {
    auto found = std::upper_bound(clusters_.begin(), clusters_.end(), moment,
                                  [](Moment m, const Cluster& c) { return m < c.invoked; });
    return static_cast<std::size_t>(found - clusters_.begin());
  }

  const Registers& registers_;
  const Clusters& all_;
  std::span<const Cluster> clusters_;
  std::vector<std::uint32_t> by_settling_;
  std::vector<Moment> first_settled_;  // of the clusters from one on, in order of invocation
  RankCounts settled_by_invocation_;
  std::size_t settled_ = 0;
};

}  // namespace

std::vector<Bound> bounds_of(const Registers& registers, const Clusters& clusters) {
  std::vector<Bound> bounds;
  bounds.reserve(registers.size());
  for (std::int32_t key = 0; key < clusters.keys(); ++key) {
    KeySweep sweep(registers, clusters, key);
    for (Index read : clusters.reads_of_key(key)) bounds.push_back(sweep.next(read));
  }
  return bounds;
}

}  // namespace sunder::staleness
