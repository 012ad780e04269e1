// "fenced-mutex", "fenced-resource" and "lease": locks that are held for a time, acquired with a
// fencing token, and writes of [token value] to what they protect. The owner is the process.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class LeaseDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (invocation.verb == "write") return write(at);
    if (!at.argument->is_nil()) return {};
    std::int64_t owner = invocation.process.id;
    if (invocation.verb == "acquire") return kv_command(KvVerb::lease_acquire, at.key, owner);
    if (invocation.verb == "renew") return kv_command(KvVerb::lease_renew, at.key, owner);
    if (invocation.verb == "release") return kv_command(KvVerb::lease_release, at.key, owner);
    return {};
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() != KvVerb::lease_acquire && command.kind() != KvVerb::lease_renew) {
      return invocation.value;
    }
    Value token = reply.value ? Value(*reply.value) : Value();
    return KeyedArgument(invocation.value).with_key(std::move(token));
  }

  std::string_view refusal() const override { return "held by somebody else, or a stale token"; }

 private:
  static std::optional<KvCommand> write(const KeyedArgument& at) {
    const Value& pair = *at.argument;
    if (!pair.is_list() || pair.list().size() != 2) return {};
    const Value& token = pair.list()[0];
    const Value& value = pair.list()[1];
    if (!token.is_integer() || !value.is_integer()) return {};
    return kv_command(KvVerb::fenced_write, at.key, value.integer(), token.integer());
  }
};

}  // namespace

std::unique_ptr<KvDialect> lease_dialect() { return std::make_unique<LeaseDialect>(); }

}  // namespace sunder
