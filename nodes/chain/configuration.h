#pragma once
// Who makes up the chain, and since which epoch.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/node_id.h"

namespace sunder::chain {

/// Writes enter at the first member and are committed by the last. Of two configurations the one
/// of the later epoch holds; an epoch has one.
struct Configuration {
  std::int64_t epoch = 0;
  std::vector<NodeId> members;
  bool operator==(const Configuration&) const = default;

  NodeId head() const { return members.front(); }
  NodeId tail() const { return members.back(); }
  /// The place of a node in the chain; nothing when it is no member.
  std::optional<std::size_t> place_of(NodeId node) const {
    auto found = std::find(members.begin(), members.end(), node);
    if (found == members.end()) return {};
    return static_cast<std::size_t>(found - members.begin());
  }
};

/// That of the first epoch, which needs no decision: the boot list.
Configuration first_configuration(std::span<const NodeId> peers);

/// A configuration as one number: four bits a member, then the epoch. Nodes are at most 9.
std::int64_t packed(const Configuration& configuration);
/// Nothing when the number stands for none.
std::optional<Configuration> unpacked(std::int64_t number);

}  // namespace sunder::chain
