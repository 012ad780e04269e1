// "register" and "cas-register": read, write and cas of [key argument].

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

class RegisterDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    const Value& argument = *at.argument;
    if (!at.keyed) return {};
    if (invocation.verb == "read") return kv_command(KvVerb::read, at.key);
    if (invocation.verb == "write" && argument.is_integer()) {
      return kv_command(KvVerb::write, at.key, argument.integer());
    }
    if (invocation.verb != "cas" || !argument.is_list() || argument.list().size() != 2) return {};
    const Value& expected = argument.list()[0];
    const Value& value = argument.list()[1];
    if (!expected.is_integer() || !value.is_integer()) return {};
    return kv_command(KvVerb::cas, at.key, value.integer(), expected.integer());
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() != KvVerb::read) return invocation.value;
    Value found = reply.value ? Value(*reply.value) : Value();
    return Value::pair(Value(command.key), std::move(found));
  }

  std::string_view refusal() const override { return "compare failed"; }
};

}  // namespace

std::unique_ptr<KvDialect> register_dialect() { return std::make_unique<RegisterDialect>(); }

}  // namespace sunder
