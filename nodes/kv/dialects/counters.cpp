// "counter": add of an integer, read of the sum; and "unique-ids": generate.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class CounterDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (invocation.verb == "read") return kv_command(KvVerb::counter_read, at.key);
    if (invocation.verb != "add" || !at.argument->is_integer()) return {};
    return kv_command(KvVerb::counter_add, at.key, at.argument->integer());
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::counter_add) return invocation.value;
    return KeyedArgument(invocation.value).with_key(Value(reply.value.value_or(0)));
  }
};

class IdDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    if (invocation.verb != "generate") return {};
    return kv_command(KvVerb::generate, 0);
  }

  Value answer(const Op&, const KvCommand&, const KvReply& reply) override {
    return reply.value ? Value(*reply.value) : Value();
  }
};

}  // namespace

std::unique_ptr<KvDialect> counter_dialect() { return std::make_unique<CounterDialect>(); }
std::unique_ptr<KvDialect> id_dialect() { return std::make_unique<IdDialect>(); }

}  // namespace sunder
