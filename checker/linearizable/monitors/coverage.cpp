#include "checker/linearizable/monitors/coverage.h"

#include <algorithm>

namespace sunder::linearizable {
namespace {

constexpr std::int32_t never_again = INT32_MAX / 2;  // the coverage of a place that was reported

}  // namespace

template <class Visit>
void Coverage::parts(Stretch stretch, Visit visit) const {
  std::uint32_t left = stretch.first + size_;
  std::uint32_t right = stretch.last + size_ + 1;
  for (; left < right; left /= 2, right /= 2) {
    if (left % 2 == 1) visit(left++);
    if (right % 2 == 1) visit(--right);
  }
}

Coverage::Coverage(std::uint32_t count, std::span<const Stretch> intervals,
                   std::span<const Stretch> watchers)
    : reported_(watchers.size()) {
  while (size_ < count) size_ *= 2;
  nodes_.assign(std::size_t{2} * size_, {0, 0});
  for (Stretch interval : intervals) {
    ++nodes_[size_ + interval.first].least;
    if (interval.last + 1 < size_) --nodes_[size_ + interval.last + 1].least;
  }
  for (std::uint32_t at = 1; at < size_; ++at) {
    nodes_[size_ + at].least += nodes_[size_ + at - 1].least;
  }
  for (std::uint32_t at = count; at < size_; ++at) nodes_[size_ + at].least = never_again;
  for (std::uint32_t node = size_ - 1; node > 0; --node) pull(node);
  from_.assign(nodes_.size() + 1, 0);
  woken_.assign(nodes_.size(), 0);
  for (Stretch watcher : watchers) {
    parts(watcher, [&](std::uint32_t node) { ++from_[node + 1]; });
  }
  for (std::size_t node = 1; node < from_.size(); ++node) from_[node] += from_[node - 1];
  waiting_.resize(from_.back());
  std::vector<std::uint32_t> next(from_.begin(), from_.end() - 1);
  for (std::uint32_t i = 0; i < watchers.size(); ++i) {
    parts(watchers[i], [&](std::uint32_t node) { waiting_[next[node]++] = i; });
  }
}

void Coverage::pull(std::uint32_t node) {
  nodes_[node].least =
      std::min(nodes_[2 * node].least, nodes_[2 * node + 1].least) + nodes_[node].added;
}

void Coverage::remove(Stretch interval) {
  parts(interval, [&](std::uint32_t node) {
    --nodes_[node].least;
    --nodes_[node].added;
  });
  std::uint32_t left = (interval.first + size_) / 2;
  std::uint32_t right = (interval.last + size_) / 2;
  for (; left != right; left /= 2, right /= 2) {
    pull(left);
    pull(right);
  }
  pull(left);  // may itself be a part, so that it is no news that it changed
  for (left /= 2; left > 0; left /= 2) {
    std::int32_t before = nodes_[left].least;
    pull(left);
    if (nodes_[left].least == before) return;
  }
}

void Coverage::collect(std::vector<std::uint32_t>* free, std::vector<std::uint32_t>& woken) {
  if (nodes_[1].least == 0) collect_below(1, 0, free, woken);
}

void Coverage::collect_below(std::uint32_t node, std::int32_t above,
                             std::vector<std::uint32_t>* free, std::vector<std::uint32_t>& woken) {
  if (node >= size_) {
    nodes_[node].least = never_again;
    if (free != nullptr) free->push_back(node - size_);
    wake(node, woken);
    return;
  }
  above += nodes_[node].added;
  for (std::uint32_t child : {2 * node, 2 * node + 1}) {
    if (above + nodes_[child].least == 0) collect_below(child, above, free, woken);
  }
  pull(node);
}

void Coverage::wake(std::uint32_t node, std::vector<std::uint32_t>& woken) {
  for (; node > 0 && woken_[node] == 0; node /= 2) {
    woken_[node] = 1;
    for (std::uint32_t i = from_[node]; i < from_[node + 1]; ++i) {
      if (reported_[waiting_[i]] != 0) continue;
      reported_[waiting_[i]] = 1;
      woken.push_back(waiting_[i]);
    }
  }
}

}  // namespace sunder::linearizable
