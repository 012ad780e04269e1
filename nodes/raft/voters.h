#pragma once
// Who decides: the voters of one configuration, or of two that must both agree.

#include <array>
#include <bit>
#include <cstdint>

#include "harness/core/node_id.h"

namespace sunder::raft {

inline constexpr std::size_t voters_max = 16;

/// Nodes as bits, the first node the lowest.
using NodeSet = std::int64_t;
constexpr NodeSet only(NodeId node) { return NodeSet{1} << node.index; }
constexpr NodeSet first_nodes(std::size_t count) { return (NodeSet{1} << count) - 1; }
constexpr int size_of(NodeSet nodes) { return std::popcount(static_cast<std::uint64_t>(nodes)); }

/// One number of each node: the last index that it holds, say.
using Numbers = std::array<std::int64_t, voters_max>;

/// A configuration. While it is joint, decisions need a majority of the voters before and another
/// of those that come after (section 6).
struct Voters {
  NodeSet now = 0;
  NodeSet before = 0;      // 0: not joint
  std::int64_t index = 0;  // of the entry that made it; 0: the first one, which no entry made

  bool joint() const { return before != 0; }
  NodeSet all() const { return now | before; }
  bool has(NodeId node) const { return (all() & only(node)) != 0; }
  bool decided_by(NodeSet nodes) const;
  /// The greatest number that the nodes of a deciding majority have reached.
  std::int64_t reached(const Numbers& numbers) const;
  bool operator==(const Voters&) const = default;
};

/// The same of one majority among some nodes, of which `size` are thought to exist.
std::int64_t reached_by_majority(const Numbers& numbers, NodeSet nodes, int size);

}  // namespace sunder::raft
