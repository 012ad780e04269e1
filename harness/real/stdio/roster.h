#pragma once
// Who is who: Maelstrom's names of nodes, and the endpoints that protocols see.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/node_id.h"
#include "harness/core/result.h"

namespace sunder::stdio {

/// The nodes that an `init` names, in an order that all of them agree on: n1, n2 ... n10 where they
/// are called so. Each node also lends its requests' clients numbers that no other node lends.
class Roster {
 public:
  Roster() = default;
  /// Errors: a name twice, or `self` not among them.
  static Result<Roster> of(std::string_view self, std::vector<std::string> names);

  NodeId self() const { return NodeId::node(self_); }
  std::vector<NodeId> nodes() const;
  std::optional<NodeId> node(std::string_view name) const;
  bool has(NodeId node) const;
  const std::string& name(NodeId node) const;  // REQUIRES: has(node)
  bool operator==(const Roster&) const = default;

  /// The turn-th client of this node. REQUIRES: turn < turns_max
  NodeId client(std::int32_t turn) const;
  NodeId owner(NodeId client) const;  // the node that lent the number
  static constexpr std::int32_t turns_max = 1 << 27;
  static constexpr std::size_t nodes_max = 16;

 private:
  std::int32_t self_ = 0;
  std::vector<std::string> names_;
};

}  // namespace sunder::stdio
