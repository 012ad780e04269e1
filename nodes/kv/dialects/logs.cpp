// "kafka": send of [[:send key value]], poll of [[:poll]], and assign of a list of keys. A client
// is a consumer: it polls the keys that are assigned to it in turn, each from where it got to.

#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

constexpr std::int64_t polled_max = 32;  // values at a time
constexpr std::size_t keys_max = 10'000;

class LogDialect final : public KvDialect {
 public:
  std::optional<KvCommand> command(const Op& invocation) override {
    if (!invocation.value.is_list() || invocation.value.list().size() != 1) return {};
    const Value& micro_op = invocation.value.list()[0];
    if (!micro_op.is_list()) return {};
    const List& words = micro_op.list();
    if (invocation.verb == "send" && words.size() == 3 && words[0] == Value(":send") &&
        words[1].is_integer() && words[2].is_integer()) {
      return kv_command(KvVerb::send, words[1].integer(), words[2].integer());
    }
    bool polls = invocation.verb == "poll" && !words.empty() && words[0] == Value(":poll");
    if (!polls || assigned_.empty()) return {};
    std::int64_t key = assigned_[turn_++ % assigned_.size()];
    return kv_command(KvVerb::poll, key, positions_[key], polled_max);
  }

  Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) override {
    if (command.kind() == KvVerb::send) {
      const List& asked = invocation.value.list()[0].list();
      Value place = Value::pair(Value(reply.value.value_or(0)), asked[2]);
      return Value::list_of(List{":send", asked[1], std::move(place)});
    }
    List found;
    std::int64_t& position = positions_[command.key];
    position = command.value;
    for (std::int64_t value : reply.list) {
      found.emplace_back(Value::pair(Value(position++), Value(value)));
    }
    Map polled;
    polled.set(Value(command.key), std::move(found));
    return Value::list_of(List{":poll", std::move(polled)});
  }

  // Keys that stay assigned are polled on from where they were.
  bool settles(const Op& invocation) override {
    if (invocation.verb != "assign" || !invocation.value.is_list()) return false;
    std::vector<std::int64_t> keys;
    for (const Value& key : invocation.value.list()) {
      if (!key.is_integer() || keys.size() == keys_max) return false;
      keys.push_back(key.integer());
    }
    std::map<std::int64_t, std::int64_t> positions;
    for (std::int64_t key : keys) positions[key] = positions_[key];
    assigned_ = std::move(keys);
    positions_ = std::move(positions);
    turn_ = 0;
    return true;
  }

 private:
  std::vector<std::int64_t> assigned_;
  std::map<std::int64_t, std::int64_t> positions_;  // the next offset of each key
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<KvDialect> log_dialect() { return std::make_unique<LogDialect>(); }

}  // namespace sunder
