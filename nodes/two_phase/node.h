#pragma once
// A node of the sharded database: coordinator of its clients, owner of a shard, and, if it is the
// first, the timestamp oracle. nodes/two_phase.cpp says where it comes from.

#include "nodes/two_phase/coordinator.h"
#include "nodes/two_phase/oracle.h"
#include "nodes/two_phase/participant.h"

namespace sunder::two_phase {

class ShardNode : public Node {
 public:
  ShardNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  void handle(const Envelope& envelope);
  void deliver_own();
  bool is_oracle() const { return runtime_.self() == runtime_.peers().front(); }

  Runtime& runtime_;
  const Config config_;
  Post post_;
  Journal journal_;
  Oracle oracle_;
  Participant participant_;
  Coordinator coordinator_;
  std::int64_t boot_ = 0;
};

}  // namespace sunder::two_phase
