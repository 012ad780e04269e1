#pragma once
// A node of the Dynamo-style store: nodes/dynamo.cpp says where it comes from. It coordinates what
// clients ask it, holds what it is a replica or a stand-in for, hands hints off and compares trees.
//
// What holds between handlers: a replica's version of a key never falls, also not over a restart
// once it has answered, since a barrier stands between the version and whoever is told of it.

#include "nodes/dynamo/coordinator.h"

namespace sunder::dynamo {

class DynamoNode : public Node {
 public:
  DynamoNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return {.role = "replica", .term = boot_, .ready = true}; }

 private:
  void on_peer_message(NodeId source, const Message& message);
  void on_store(NodeId source, const Store& store);
  void beat();

  // exchange.cpp: what brings replicas together behind the clients' backs
  void hand_off_hints();
  void send_hint(std::size_t owner, std::int64_t key, const Version& version);
  void on_handoff(NodeId source, const Handoff& handoff);
  void compare_trees();
  void on_tree(NodeId source, const Tree& tree);
  void on_leaves(NodeId source, const Leaves& leaves);
  void on_entries(const Entries& entries);
  Leaves leaves_for(std::size_t peer, const std::vector<std::int64_t>& indexes, bool answer) const;

  void barrier();
  std::size_t index_of(NodeId node) const { return static_cast<std::size_t>(node.index); }

  Runtime& runtime_;
  Config config_;
  Ring ring_;
  Liveness liveness_;
  Holdings holdings_;
  Coordinator coordinator_;
  std::int64_t boot_ = 0;
  std::int64_t passes_ = 0;  // through the hints, since the boot
  // Of the flaw notes-hint-hot-loop only: hints that were sent and not confirmed.
  std::set<std::pair<std::size_t, std::int64_t>> failed_;
  Timer tick_timer_;
  Timer beat_timer_;
  Timer exchange_timer_;
};

}  // namespace sunder::dynamo
