#include "harness/real/stdio/roster.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::stdio {

Result<Roster> Roster::of(std::string_view self, std::vector<std::string> names) {
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    return Error{Error::Code::malformed, "node_ids has '" + *twice + "' twice"};
  }
  if (names.size() > nodes_max) {
    return Error{Error::Code::malformed, "node_ids has more than 16 names"};
  }
  Roster roster;
  roster.names_ = std::move(names);
  std::optional<NodeId> own = roster.node(self);
  if (!own) {
    return Error{Error::Code::malformed, "node_ids lacks node_id '" + std::string(self) + "'"};
  }
  roster.self_ = own->index;
  return roster;
}

std::vector<NodeId> Roster::nodes() const {
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    nodes.push_back(NodeId::node(static_cast<std::int32_t>(i)));
  }
  return nodes;
}

std::optional<NodeId> Roster::node(std::string_view name) const {
  auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return {};
  return NodeId::node(static_cast<std::int32_t>(found - names_.begin()));
}

bool Roster::has(NodeId node) const {
  return node.is_node() && static_cast<std::size_t>(node.index) < names_.size();
}

const std::string& Roster::name(NodeId node) const {
  ASSERT(has(node));
  return names_[static_cast<std::size_t>(node.index)];
}

NodeId Roster::client(std::int32_t turn) const {
  ASSERT(turn < turns_max);
  return NodeId::client(turn * static_cast<std::int32_t>(names_.size()) + self_);
}

NodeId Roster::owner(NodeId client) const {
  return NodeId::node(client.index % static_cast<std::int32_t>(names_.size()));
}

}  // namespace sunder::stdio
