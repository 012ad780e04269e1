// "bank": transfer of {:from :to :amount}, read of all balances.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

// A field that is an integer, with or without a keyword's colon.
std::optional<std::int64_t> number(const Value& map, std::string_view name) {
  const Value* found = map.find(name);
  if (found == nullptr) found = map.find(":" + std::string(name));
  if (found == nullptr || !found->is_integer()) return {};
  return found->integer();
}

class BankDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    if (invocation.verb == "read") return kv_command(KvVerb::balances, 0);
    if (invocation.verb != "transfer") return {};
    std::optional<std::int64_t> from = number(invocation.value, "from");
    std::optional<std::int64_t> to = number(invocation.value, "to");
    std::optional<std::int64_t> amount = number(invocation.value, "amount");
    if (!from || !to || !amount) return {};
    return kv_command(KvVerb::transfer, *from, *amount, *to);
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::transfer) return invocation.value;
    Map balances;
    std::int64_t account = 0;
    for (std::int64_t balance : reply.list) balances.set(Value(account++), Value(balance));
    return balances;
  }

  std::string_view refusal() const override { return "not enough money"; }
};

}  // namespace

std::unique_ptr<KvDialect> bank_dialect() { return std::make_unique<BankDialect>(); }

}  // namespace sunder
