// "fenced-mutex": acquire, which answers a fencing token, and release. The owner is the process.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class LockDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (!at.argument->is_nil()) return {};
    std::int64_t owner = invocation.process.id;
    if (invocation.verb == "acquire") return kv_command(KvVerb::acquire, at.key, owner);
    if (invocation.verb == "release") return kv_command(KvVerb::release, at.key, owner);
    return {};
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::release) return invocation.value;
    Value token = reply.value ? Value(*reply.value) : Value();
    return KeyedArgument(invocation.value).with_key(std::move(token));
  }

  std::string_view refusal() const override { return "held by somebody else, or by nobody"; }
};

}  // namespace

std::unique_ptr<KvDialect> lock_dialect() { return std::make_unique<LockDialect>(); }

}  // namespace sunder
