#include "harness/core/node_id.h"

#include <charconv>

namespace sunder {

std::string to_string(NodeId id) {
  if (id == NodeId::all_clients()) return "clients";
  return (id.is_node() ? "n" : "c") + std::to_string(id.index + 1);
}

std::optional<NodeId> parse_node_id(std::string_view text) {
  if (text.size() < 2 || (text.front() != 'n' && text.front() != 'c')) return {};
  std::int32_t number = 0;
  auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return {};
  return NodeId{text.front() == 'n' ? NodeId::Kind::node : NodeId::Kind::client, number - 1};
}

}  // namespace sunder
