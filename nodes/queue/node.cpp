#include "nodes/queue/node.h"

namespace sunder::queue {

bool QueueNode::takes(NodeId client, const KvRequest& request) {
  const KvCommand& command = request.command;
  if (command.kind() != KvVerb::dequeue) return false;
  const KvQueues& queues = machine().objects().queues();
  if (flaws_.emptiness_not_confirmed && !queues.peek(command.key, 0)) {
    runtime().send(client, Message(kv_reply(request.msg_id, {})));
    return true;
  }
  if (!flaws_.delivered_before_replicated || !leads() || !may_serve_reads()) return false;
  std::optional<std::int64_t> next = queues.peek(command.key, promised_[command.key]);
  if (!next) return false;
  ++promised_[command.key];
  append_own(command, request.op);
  runtime().send(client, Message(kv_reply(request.msg_id, {.value = next})));
  return true;
}

void QueueNode::on_applied(std::int64_t, const KvCommand& command, const KvAnswer&) {
  if (command.kind() != KvVerb::dequeue) return;
  auto promised = promised_.find(command.key);
  if (promised != promised_.end() && promised->second > 0) --promised->second;
}

}  // namespace sunder::queue
