// "multi-register": registers that one operation reads and writes together, as in Knossos.

#include <map>
#include <set>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/id_map.h"
#include "checker/linearizable/datatypes/shapes.h"

namespace sunder::linearizable {
namespace {

/// The one verb; input is the number of a transaction.
constexpr std::uint32_t transact = 0;

/// A read or write of one register. `value` is `unanswered` when nobody knows what a read found.
struct MicroOp {
  bool writes = false;
  std::int32_t key = 0;
  std::int32_t value = 0;
  auto operator<=>(const MicroOp&) const = default;
};
constexpr std::int32_t unanswered = -1;
using Transaction = std::vector<MicroOp>;  // in the order in which it does them

/// The transactions of a history. Equal ones have one number.
class Transactions {
 public:
  std::int32_t intern(Transaction transaction) {
    auto fresh = static_cast<std::int32_t>(all_.size());
    auto [at, added] = numbers_.try_emplace(std::move(transaction), fresh);
    if (added) all_.push_back(&at->first);
    return at->second;
  }
  const Transaction& operator[](std::int32_t number) const {
    return *all_[static_cast<std::size_t>(number)];
  }

 private:
  std::map<Transaction, std::int32_t> numbers_;
  std::vector<const Transaction*> all_;  // keys of numbers_, which stay where they are
};

struct MultiRegisterSpec {
  using State = IdMap;  // from keys to stored values

  const ValueTable* values;
  const Transactions* transactions;
  std::int32_t start;  // what every register begins with

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    State next = state;
    for (const auto& [writes, key, value] : (*transactions)[call.input]) {
      if (writes) {
        next = next.with(key, stored(value));
      } else if (value != unanswered && next[key] != stored(value)) {
        return {};
      }
    }
    return next;
  }
  bool observes(const Call& call) const {
    const Transaction& transaction = (*transactions)[call.input];
    return std::none_of(transaction.begin(), transaction.end(),
                        [](const MicroOp& op) { return op.writes; });
  }
  Value describe(const State& state) const {
    Map registers;
    state.each([&](std::int32_t key, std::int32_t value) {
      registers.set((*values)[key], (*values)[stored(value)]);
    });
    return registers;
  }

  // A register that holds what all began with is as good as absent, which is 0: nil and that value
  // change places. So this is its own inverse.
  std::int32_t stored(std::int32_t value) const {
    if (value == start) return 0;
    return value == 0 ? start : value;
  }
};

class MultiRegisterDatatype final : public Datatype {
 public:
  explicit MultiRegisterDatatype(const Value& initial) : initial_(values_.intern(initial)) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    call.verb = transact;
    Transaction asked;
    bool readable = false;
    if (verb == "read" || verb == "write") {
      readable = read_map(arguments, verb == "write", asked);
    } else if (verb == "txn") {
      readable = read_list(arguments, asked);
    }
    for (MicroOp& op : asked) {
      if (!op.writes) op.value = unanswered;
    }
    call.input = transactions_.intern(std::move(asked));
    return readable;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (answer.is_nil()) return Fate::happened;
    const Transaction& asked = transactions_[call.input];
    Transaction answered;
    bool writes = !asked.empty() && asked.front().writes;
    bool readable = answer.kind() == Value::Kind::map ? read_map(answer, writes, answered)
                                                      : read_list(answer, answered);
    bool fits = std::equal(asked.begin(), asked.end(), answered.begin(), answered.end(),
                           [](const MicroOp& a, const MicroOp& b) {
                             return a.writes == b.writes && a.key == b.key &&
                                    (!a.writes || a.value == b.value);
                           });
    if (!readable || !fits) return Fate::broken;
    for (MicroOp& op : answered) {
      // Registers that begin with a value never hold nil: it stands for no answer.
      if (!op.writes && op.value == 0 && initial_ != 0) op.value = unanswered;
    }
    call.input = transactions_.intern(std::move(answered));
    return Fate::happened;
  }

  std::string expects() const override {
    return "txn of a list of [:r key nil] and [:w key value], read of a map from keys to nil, "
           "write of a map from keys to values; answers have the same shape, with what was read";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<MultiRegisterSpec>>(
        MultiRegisterSpec{&values_, &transactions_, initial_});
  }

  /// In a linearization a crashed transaction can be taken away when no read needs any value that
  /// it wrote: whoever reads one of its registers does so after a later write.
  void prune(Operations& operations) const override {
    std::set<std::pair<std::int32_t, std::int32_t>> needed;  // key and value
    for (const Operation& operation : operations) {
      for (const MicroOp& op : transactions_[operation.call.input]) {
        if (!op.writes) needed.insert({op.key, op.value});
      }
    }
    std::erase_if(operations, [&](const Operation& operation) {
      const Transaction& transaction = transactions_[operation.call.input];
      return operation.crashed() &&
             std::none_of(transaction.begin(), transaction.end(), [&](const MicroOp& op) {
               return op.writes && needed.contains({op.key, op.value});
             });
    });
  }

  std::string describe(const Call& call, bool crashed) const override {
    std::string text = "txn [";
    for (const auto& [writes, key, value] : transactions_[call.input]) {
      if (text.back() != '[') text += ' ';
      text += (writes ? "[:w " : "[:r ") + values_.text(key);
      bool known = writes || (!crashed && value != unanswered);
      text += known ? " " + values_.text(value) + "]" : "]";
    }
    return text + "]";
  }

 private:
  bool read_map(ValueView map, bool writes, Transaction& transaction) {
    if (map.kind() != Value::Kind::map) return false;
    bool readable = true;
    map.each([&](ValueView key, ValueView value) {
      readable &= is_scalar(key) && is_scalar(value);
      if (readable) transaction.push_back({writes, values_.intern(key), values_.intern(value)});
    });
    return readable;
  }

  bool read_list(ValueView list, Transaction& transaction) {
    if (list.kind() != Value::Kind::list) return false;
    bool readable = true;
    list.each([&](ValueView item) {
      readable = readable && item.kind() == Value::Kind::list && item.size() == 3 &&
                 item[0].kind() == Value::Kind::text && is_scalar(item[1]) && is_scalar(item[2]);
      if (!readable) return;
      bool writes = is_one_of(item[0].text(), {":w", "w", ":write", "write"});
      readable = writes || is_one_of(item[0].text(), {":r", "r", ":read", "read"});
      transaction.push_back({writes, values_.intern(item[1]), values_.intern(item[2])});
    });
    return readable;
  }

  std::int32_t initial_;
  Transactions transactions_;
};

}  // namespace

DatatypeEntry multi_register_entry() {
  return {.name = "multi-register",
          .summary = "Registers that one operation reads and writes together.",
          .options = {{.name = "initial",
                       .fallback = "nil",
                       .help = "the value of every register before its first write"}},
          .make = [](const Options& options) -> std::unique_ptr<Datatype> {
            return std::make_unique<MultiRegisterDatatype>(option_value(options.text("initial")));
          }};
}

}  // namespace sunder::linearizable
