#pragma once
// A replica of the queue. Sound, it is Raft with a machine of queues; what it adds are the ways in
// which brokers answer too soon.

#include <map>

#include "nodes/queue/config.h"
#include "nodes/raft/node.h"

namespace sunder::queue {

class QueueNode final : public raft::RaftNode {
 public:
  QueueNode(Runtime& runtime, const Config& config)
      : RaftNode(runtime, config.raft), flaws_(config.flaws) {}

 protected:
  bool takes(NodeId client, const KvRequest& request) override;
  void on_applied(std::int64_t index, const KvCommand& command, const KvAnswer& answer) override;
  void on_established() override { promised_.clear(); }

 private:
  const Flaws flaws_;
  std::map<std::int64_t, std::size_t> promised_;  // delivered, not yet removed; by key
};

}  // namespace sunder::queue
