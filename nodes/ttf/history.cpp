#include "nodes/ttf/history.h"

#include <numeric>

namespace sunder::ttf {
namespace {

bool saw(const clock::VectorClock& seen, std::int64_t origin, std::int64_t sequence) {
  return seen.at(static_cast<std::size_t>(origin)) >= sequence;
}

}  // namespace

Edit History::integrate(std::int64_t origin, std::int64_t sequence, Edit edit,
                        const clock::VectorClock& seen) {
  std::size_t from = first_unseen(seen);
  if (!as_arrived_) from = separate(from, seen);
  for (; from < entries_.size(); ++from) {
    const Entry& entry = entries_[from];
    if (saw(seen, entry.origin, entry.sequence)) continue;
    edit = past(edit, entry.edit, mistakes_);
  }
  entries_.push_back({edit, origin, sequence});
  return edit;
}

// All that was seen is here, so that their number says how many were not.
std::size_t History::first_unseen(const clock::VectorClock& seen) const {
  const std::vector<std::int64_t>& counts = seen.counts();
  auto left = static_cast<std::int64_t>(entries_.size()) -
              std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  std::size_t at = entries_.size();
  while (left > 0 && at > 0) {
    --at;
    if (!saw(seen, entries_[at].origin, entries_[at].sequence)) --left;
  }
  return at;
}

// Moves what was seen to the front of the rest; gives where the unseen begin.
std::size_t History::separate(std::size_t from, const clock::VectorClock& seen) {
  for (std::size_t at = from; at < entries_.size(); ++at) {
    if (!saw(seen, entries_[at].origin, entries_[at].sequence)) continue;
    for (std::size_t i = at; i > from; --i) exchange(i);
    ++from;
  }
  return from;
}

// The entry goes before the one in front of it. Neither was made after the other: the seen one
// would have been seen together with what it was made after.
void History::exchange(std::size_t at) {
  Entry& first = entries_[at - 1];
  Entry& second = entries_[at];
  second.edit = before(second.edit, first.edit, mistakes_);
  first.edit = past(first.edit, second.edit, mistakes_);
  std::swap(first, second);
}

}  // namespace sunder::ttf
