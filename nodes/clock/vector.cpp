#include "nodes/clock/vector.h"

#include <algorithm>
#include <charconv>

#include "harness/core/assert.h"

namespace sunder::clock {

VectorClock::VectorClock(std::vector<std::int64_t> counts) : counts_(std::move(counts)) {
  if (counts_.size() > nodes_max) counts_.resize(nodes_max);
  for (std::int64_t& count : counts_) count = std::max<std::int64_t>(count, 0);
  trim();
}

void VectorClock::trim() {
  while (!counts_.empty() && counts_.back() == 0) counts_.pop_back();
}

void VectorClock::raise(std::size_t node, std::int64_t count) {
  ASSERT(node < nodes_max);
  if (count <= at(node)) return;
  if (counts_.size() <= node) counts_.resize(node + 1);
  counts_[node] = count;
}

std::int64_t VectorClock::advance(std::size_t node) {
  raise(node, at(node) + 1);
  return at(node);
}

void VectorClock::merge(const VectorClock& other) {
  for (std::size_t i = 0; i < other.counts_.size(); ++i) raise(i, other.counts_[i]);
}

bool VectorClock::covers(const VectorClock& other) const {
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    if (at(i) < other.counts_[i]) return false;
  }
  return true;
}

Order VectorClock::compare(const VectorClock& other) const {
  bool ours = covers(other);
  bool theirs = other.covers(*this);
  if (ours && theirs) return Order::equal;
  if (ours) return Order::after;
  return theirs ? Order::before : Order::concurrent;
}

std::string to_string(const VectorClock& clock) {
  std::string text;
  for (std::int64_t count : clock.counts()) {
    if (!text.empty()) text += ',';
    text += std::to_string(count);
  }
  return text;
}

std::optional<VectorClock> parse_vector_clock(std::string_view text) {
  std::vector<std::int64_t> counts;
  while (!text.empty()) {
    std::int64_t count = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || counts.size() == VectorClock::nodes_max) return {};
    counts.push_back(count);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != ',' || text.size() == 1) return {};
    text.remove_prefix(1);
  }
  return VectorClock(std::move(counts));
}

}  // namespace sunder::clock
