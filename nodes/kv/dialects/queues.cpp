// "fifo-queue": enqueue of an integer, dequeue of the oldest one, or of nil from an empty queue.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class QueueDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (invocation.verb == "dequeue") return kv_command(KvVerb::dequeue, at.key);
    if (invocation.verb != "enqueue" || !at.argument->is_integer()) return {};
    return kv_command(KvVerb::enqueue, at.key, at.argument->integer());
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::enqueue) return invocation.value;
    Value taken = reply.value ? Value(*reply.value) : Value();
    return KeyedArgument(invocation.value).with_key(std::move(taken));
  }
};

}  // namespace

std::unique_ptr<KvDialect> queue_dialect() { return std::make_unique<QueueDialect>(); }

}  // namespace sunder
