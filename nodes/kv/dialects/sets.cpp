// "g-set": add of an integer, read of all of them.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class SetDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (invocation.verb == "read") return kv_command(KvVerb::set_read, at.key);
    if (invocation.verb != "add" || !at.argument->is_integer()) return {};
    return kv_command(KvVerb::set_add, at.key, at.argument->integer());
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::set_add) return invocation.value;
    return KeyedArgument(invocation.value).with_key(List(reply.list.begin(), reply.list.end()));
  }
};

}  // namespace

std::unique_ptr<KvDialect> set_dialect() { return std::make_unique<SetDialect>(); }

}  // namespace sunder
