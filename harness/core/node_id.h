#pragma once
// Endpoints of the network.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sunder {

/// n1, n2 ... are nodes (index 0, 1 ...); c1, c2 ... are clients of the processes 0, 1 ...; and
/// "clients" are all of them, as one end of a link.
struct NodeId {
  enum class Kind : std::uint8_t { node, client };
  Kind kind = Kind::node;
  std::int32_t index = 0;  // zero-based

  static NodeId node(std::int32_t index) { return {Kind::node, index}; }
  static NodeId client(std::int32_t index) { return {Kind::client, index}; }
  static NodeId all_clients() { return {Kind::client, -1}; }
  bool is_node() const { return kind == Kind::node; }
  auto operator<=>(const NodeId&) const = default;
};
std::string to_string(NodeId id);  // "n1", "c12", "clients"
std::optional<NodeId> parse_node_id(std::string_view text);

/// One direction of a link.
struct Link {
  NodeId source;
  NodeId target;
  auto operator<=>(const Link&) const = default;
};

}  // namespace sunder
