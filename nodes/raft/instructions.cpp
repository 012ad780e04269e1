// What operators ask of a leader: other voters, or another leader.

#include <algorithm>

#include "harness/api/runtime.h"
#include "nodes/raft/node.h"

namespace sunder::raft {
namespace {

Error refused(std::string why) { return {Error::Code::refused, std::move(why)}; }

/// Nothing when it is no node of the cluster's.
std::optional<NodeId> node_named(const Value& name, std::span<const NodeId> peers) {
  std::optional<NodeId> node = name.is_text() ? parse_node_id(name.text()) : std::nullopt;
  bool known = node && std::find(peers.begin(), peers.end(), *node) != peers.end();
  return known ? node : std::nullopt;
}

NodeSet lowest(NodeSet nodes) { return nodes & -nodes; }

/// One server on the way from some voters to others: first come those who are to come.
NodeSet one_step(NodeSet from, NodeSet to) {
  NodeSet missing = to & ~from;
  return missing != 0 ? from | lowest(missing) : from & ~lowest(from & ~to);
}

}  // namespace

std::vector<NodeId> RaftNode::committed_voters() const {
  const Voters& in_force = log_.voters();
  std::vector<NodeId> nodes;
  if (in_force.joint() || in_force.index > std::max(commit_, log_.base())) return nodes;
  for (NodeId peer : runtime_.peers()) {
    if (in_force.has(peer)) nodes.push_back(peer);
  }
  return nodes;
}

Status RaftNode::instruct(std::string_view verb, const Value& value) {
  bool known = verb == change_voters || verb == transfer_leadership;
  if (!known) return Node::instruct(verb, value);
  if (role_ != Role::leader) {
    return refused(to_string(self_) + " does not lead" +
                   (leader_ ? "; ask " + to_string(*leader_) : ""));
  }
  return verb == change_voters ? change_voters_to(value) : transfer_to(value);
}

// Where servers are exchanged one at a time this is the next step, and the operator asks again.
Status RaftNode::change_voters_to(const Value& names) {
  if (!elastic_) return refused("the voters are fixed: run with elastic=true");
  if (!names.is_list() || names.list().empty()) return refused("voters are a list of nodes' names");
  NodeSet target = 0;
  for (const Value& name : names.list()) {
    std::optional<NodeId> node = node_named(name, runtime_.peers());
    if (!node) return refused("there is no such node: " + to_json(name));
    target |= only(*node);
  }
  give_up_late_newcomers();
  if (!settled()) return refused("the voters are being exchanged");
  NodeSet now = log_.voters().now;
  if (target == now) return Done{};
  begin_change(config_.single_changes ? one_step(now, target) : target);
  return Done{};
}

Status RaftNode::transfer_to(const Value& name) {
  std::optional<NodeId> target = node_named(name, runtime_.peers());
  if (!target || !log_.voters().has(*target)) return refused("no voter: " + to_json(name));
  if (*target == self_) return Done{};
  if (transfer_) return refused("leadership is being transferred");
  begin_transfer(*target);
  return Done{};
}

}  // namespace sunder::raft
