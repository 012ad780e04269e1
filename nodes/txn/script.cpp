#include "nodes/txn/script.h"

#include "nodes/kv/dialects/dialect.h"

namespace sunder::txn {
namespace {

constexpr std::int64_t accounts = 8;  // 0 .. 7, as in Jepsen's test
constexpr std::int64_t total = 100;   // all of it on the first account at first

std::string_view without_colon(std::string_view name) {
  return name.starts_with(':') ? name.substr(1) : name;
}

/// "list-append", "rw-register" and "multi-register": micro-ops [:r key nil], [:append key value],
/// [:w key value], answered as the same list with what the reads found.
class MicroOps final : public Script {
 public:
  explicit MicroOps(const Value& argument) : argument_(argument) {}

  bool parse(std::string_view write_name) {
    KeyedArgument at(argument_);
    if (!at.argument->is_list() || at.argument->list().empty()) return false;
    lists_ = write_name == "append";
    for (const Value& micro_op : at.argument->list()) {
      if (!micro_op.is_list() || micro_op.list().size() < 2) return false;
      const List& parts = micro_op.list();
      if (!parts[0].is_text() || !parts[1].is_integer()) return false;
      std::string_view name = without_colon(parts[0].text());
      if (name == "r") {
        steps_.push_back({Verb::read, parts[1].integer(), 0});
        continue;
      }
      if (name != write_name || parts.size() != 3 || !parts[2].is_integer()) return false;
      steps_.push_back({lists_ ? Verb::append : Verb::write, parts[1].integer(),
                        parts[2].integer()});
    }
    return true;
  }

  std::optional<Step> next(const std::vector<Found>& answered) const override {
    if (answered.size() >= steps_.size()) return {};
    return steps_[answered.size()];
  }

  Value answer(const std::vector<Found>& answered) const override {
    KeyedArgument at(argument_);
    List micro_ops = at.argument->list();
    for (std::size_t i = 0; i < micro_ops.size() && i < answered.size(); ++i) {
      if (steps_[i].verb != Verb::read) continue;
      List& parts = micro_ops[i].list();
      parts.resize(3);
      parts[2] = found(answered[i]);
    }
    return at.with_key(std::move(micro_ops));
  }

 private:
  Value found(const Found& found) const {
    if (!found.any) return {};
    if (!lists_) return found.items.empty() ? Value() : Value(found.items.back());
    return List(found.items.begin(), found.items.end());
  }

  Value argument_;
  bool lists_ = false;
  std::vector<Step> steps_;
};

std::int64_t balance(std::int64_t account, const Found& found) {
  if (found.any && !found.items.empty()) return found.items.back();
  return account == 0 ? total : 0;
}

/// "bank": reads of both balances, and writes of what is computed from them.
class Transfer final : public Script {
 public:
  explicit Transfer(const Value& argument) : argument_(argument) {}

  bool parse() {
    auto number = [&](const char* plain, const char* keyword) {
      const Value* found = argument_.find(plain);
      if (found == nullptr) found = argument_.find(keyword);
      return found != nullptr && found->is_integer() ? found->integer() : -1;
    };
    from_ = number("from", ":from");
    to_ = number("to", ":to");
    amount_ = number("amount", ":amount");
    auto known = [](std::int64_t account) { return account >= 0 && account < accounts; };
    return known(from_) && known(to_) && from_ != to_ && amount_ > 0 && amount_ <= total;
  }

  std::optional<Step> next(const std::vector<Found>& answered) const override {
    switch (answered.size()) {
      case 0: return Step{Verb::read, from_, 0};
      case 1: return Step{Verb::read, to_, 0};
      case 2: return Step{Verb::write, from_, balance(from_, answered[0]) - amount_};
      case 3: return Step{Verb::write, to_, balance(to_, answered[1]) + amount_};
      default: return {};
    }
  }

  std::string_view objection(const std::vector<Found>& answered) const override {
    bool short_of = answered.size() == 1 && balance(from_, answered[0]) < amount_;
    return short_of ? "not enough money" : std::string_view();
  }

  Value answer(const std::vector<Found>&) const override { return argument_; }

 private:
  Value argument_;
  std::int64_t from_ = 0;
  std::int64_t to_ = 0;
  std::int64_t amount_ = 0;
};

class Balances final : public Script {
 public:
  std::optional<Step> next(const std::vector<Found>& answered) const override {
    auto account = static_cast<std::int64_t>(answered.size());
    if (account >= accounts) return {};
    return Step{Verb::read, account, 0};
  }

  Value answer(const std::vector<Found>& answered) const override {
    Map balances;
    std::int64_t account = 0;
    for (const Found& found : answered) {
      balances.set(Value(account), Value(balance(account, found)));
      ++account;
    }
    return balances;
  }
};

}  // namespace

std::unique_ptr<Script> script_of(std::string_view datatype, const Op& invocation) {
  if (datatype == "bank") {
    if (invocation.verb == "read") return std::make_unique<Balances>();
    auto transfer = std::make_unique<Transfer>(invocation.value);
    if (invocation.verb != "transfer" || !transfer->parse()) return nullptr;
    return transfer;
  }
  auto micro_ops = std::make_unique<MicroOps>(invocation.value);
  bool fine = invocation.verb == "txn" &&
              micro_ops->parse(datatype == "list-append" ? "append" : "w");
  if (!fine) return nullptr;
  return micro_ops;
}

std::map<std::string, std::vector<std::string>> verbs() {
  return {{"bank", {"transfer", "read"}},
          {"list-append", {"txn"}},
          {"multi-register", {"txn"}},
          {"rw-register", {"txn"}}};
}

}  // namespace sunder::txn
