#include "checker/weak/clocks.h"

#include <algorithm>

namespace sunder::weak {

Clocks::Clocks(std::size_t sessions) : nodes_(1, Node{}), counts_(1, 1) {
  for (std::size_t room = width; room < sessions; room *= width) ++height_;
}

std::uint32_t Clocks::at(Clock clock, std::uint32_t session) const {
  for (int height = height_; height > 0 && clock != zero; --height) {
    clock = nodes_[clock][session >> (4 * height) & (width - 1)];
  }
  return nodes_[clock][session & (width - 1)];
}

Clocks::Clock Clocks::with(Clock clock, std::uint32_t session, std::uint32_t number) {
  return with(clock, height_, session, number);
}

Clocks::Clock Clocks::joined(Clock a, Clock b) { return joined(a, b, height_); }

Clocks::Clock Clocks::keep(Clock clock) {
  if (clock != zero) ++counts_[clock];
  return clock;
}

void Clocks::drop(Clock clock) { drop(clock, height_); }

Clocks::Clock Clocks::make(const Node& node) {
  if (!free_.empty()) {
    Clock clock = free_.back();
    free_.pop_back();
    nodes_[clock] = node;
    counts_[clock] = 1;
    return clock;
  }
  nodes_.push_back(node);
  counts_.push_back(1);
  return static_cast<Clock>(nodes_.size() - 1);
}

// The recursions below are as deep as the tree is high, which is at most 7.

Clocks::Clock Clocks::with(Clock clock, int height, std::uint32_t session, std::uint32_t number) {
  Node node = nodes_[clock];
  std::uint32_t place = session >> (4 * height) & (width - 1);
  if (height == 0) {
    node[place] = number;
    return make(node);
  }
  for (std::uint32_t i = 0; i < width; ++i) {
    if (i != place) keep(node[i]);
  }
  node[place] = with(node[place], height - 1, session, number);
  return make(node);
}

Clocks::Clock Clocks::joined(Clock a, Clock b, int height) {
  if (a == b || b == zero) return keep(a);
  if (a == zero) return keep(b);
  if (height == 0) return joined_leaves(a, b);
  Node node;
  bool is_a = true;
  bool is_b = true;
  for (std::uint32_t i = 0; i < width; ++i) {
    std::uint32_t mine = nodes_[a][i];
    std::uint32_t other = nodes_[b][i];
    node[i] = joined(mine, other, height - 1);
    is_a = is_a && node[i] == mine;
    is_b = is_b && node[i] == other;
  }
  if (!is_a && !is_b) return make(node);
  for (std::uint32_t child : node) drop(child, height - 1);
  return keep(is_a ? a : b);
}

// Without branches, so that it is done for several numbers at once.
Clocks::Clock Clocks::joined_leaves(Clock a, Clock b) {
  const Node& mine = nodes_[a];
  const Node& other = nodes_[b];
  Node node;
  std::uint32_t not_a = 0;
  std::uint32_t not_b = 0;
  for (std::uint32_t i = 0; i < width; ++i) {
    node[i] = std::max(mine[i], other[i]);
    not_a |= node[i] ^ mine[i];
    not_b |= node[i] ^ other[i];
  }
  if (not_a == 0) return keep(a);
  return not_b == 0 ? keep(b) : make(node);
}

void Clocks::drop(Clock clock, int height) {
  if (clock == zero || --counts_[clock] != 0) return;
  if (height != 0) {
    for (std::uint32_t i = 0; i < width; ++i) drop(nodes_[clock][i], height - 1);
  }
  free_.push_back(clock);
}

}  // namespace sunder::weak
