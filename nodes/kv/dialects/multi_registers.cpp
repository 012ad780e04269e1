// "multi-register": txn of one write, [[:w key value]], or of reads of neighbouring registers in
// ascending order, [[:r 4 nil] [:r 5 nil]]. More than that would be a transaction.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

/// [kind key value], with the key an integer.
bool is_micro_op(const Value& value, std::string_view kind) {
  return value.is_list() && value.list().size() == 3 && value.list()[0] == Value(kind) &&
         value.list()[1].is_integer();
}

class MultiRegisterDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    KeyedArgument at(invocation.value);
    if (invocation.verb != "txn" || !at.argument->is_list()) return {};
    const List& micro_ops = at.argument->list();
    if (micro_ops.empty()) return {};
    if (is_micro_op(micro_ops[0], ":w")) {
      const List& write = micro_ops[0].list();
      if (micro_ops.size() > 1 || !write[2].is_integer()) return {};
      return kv_command(KvVerb::write, write[1].integer(), write[2].integer());
    }
    if (!is_micro_op(micro_ops[0], ":r")) return {};
    std::int64_t first = micro_ops[0].list()[1].integer();
    std::int64_t expected = first;
    for (const Value& micro_op : micro_ops) {
      if (!is_micro_op(micro_op, ":r") || micro_op.list()[1] != Value(expected++)) return {};
    }
    return kv_command(KvVerb::read_range, first, static_cast<std::int64_t>(micro_ops.size()));
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::write) return invocation.value;
    std::map<std::int64_t, std::int64_t> found;
    const std::vector<std::int64_t>& pairs = reply.list;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) found[pairs[i]] = pairs[i + 1];
    List micro_ops;
    for (std::int64_t key = command.key; key < command.key + command.value; ++key) {
      auto value = found.find(key);
      Value read = value == found.end() ? Value() : Value(value->second);
      micro_ops.emplace_back(List{":r", key, std::move(read)});
    }
    return KeyedArgument(invocation.value).with_key(std::move(micro_ops));
  }
};

}  // namespace

std::unique_ptr<KvDialect> multi_register_dialect() {
  return std::make_unique<MultiRegisterDialect>();
}

}  // namespace sunder
