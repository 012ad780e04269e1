// "txn-basics": what the reads of list-append transactions show without any graph: aborted,
// intermediate and impossible versions, versions in no one order, and updates that were lost. It
// refutes, and proves no isolation level: cycles of dependencies are not looked for.
//
// Source: Adya, "Weak Consistency", MIT 1999, chapter 3 (G1a, G1b); Kingsbury and Alvaro, "Elle",
// VLDB 2020, section 6, for the others. Linear in the size of the history.

#include <algorithm>
#include <map>
#include <unordered_map>

#include "checker/domain/txn_calls.h"

namespace sunder {
namespace {

using namespace domain;

/// What is demanded, in order of strength.
enum class Demand : std::uint8_t { read_uncommitted, read_committed, snapshot, strict };

class TxnBasics final : public TxnChecker {
 public:
  void begin(const CheckContext& context) override {
    DomainChecker::begin(context);
    const std::string& isolation = context.options.text("isolation");
    demand_ = Demand::snapshot;
    if (isolation == "read-uncommitted") demand_ = Demand::read_uncommitted;
    if (isolation == "read-committed") demand_ = Demand::read_committed;
    if (isolation == "strict-serializable") demand_ = Demand::strict;
  }

 private:
  struct Append {
    std::uint32_t call = 0;
    bool last = true;  // of its transaction's to this key
  };
  /// The longest read of a key, without what may have been rolled back where that may be read.
  struct Order {
    std::vector<std::int32_t> elements;
    std::uint32_t call = 0;
  };

  static std::uint64_t name(std::int32_t key, std::int32_t value) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(key)) << 32 |
           static_cast<std::uint32_t>(value);
  }
  const Append* append_of(std::int32_t key, std::int32_t value) const {
    auto found = appends_.find(name(key, value));
    return found == appends_.end() ? nullptr : &found->second;
  }
  std::string txn(std::uint32_t at) const { return told(at, "transaction"); }
  std::string key_text(const Micro& micro) const { return "key " + list_keys_.text(micro.key); }

  void judge(Calls calls, Findings& findings) override {
    appends_.clear();
    orders_.assign(list_keys_.size(), {});
    if (!index_appends(calls, findings)) return;
    std::vector<std::uint32_t> committed;
    for (std::uint32_t at : calls) {
      if (call(at).ok()) committed.push_back(at);
    }
    for (std::uint32_t at : committed) judge_elements(at, findings);
    for (std::uint32_t at : committed) judge_own(at, findings);
    for (std::uint32_t at : committed) find_longest(at);
    for (std::uint32_t at : committed) judge_order(at, findings);
    if (demand_ >= Demand::snapshot) judge_lost_updates(committed, findings);
    if (demand_ >= Demand::strict) judge_real_time(committed, findings);
    findings.figure("transactions", committed.size());
    if (findings.figure("elements") == 0) findings.vacuous("No read ever found an element.");
  }

  bool index_appends(Calls calls, Findings& findings) {
    for (std::uint32_t at : calls) {
      std::unordered_map<std::int32_t, std::int32_t> last;  // key -> value; looked up only
      for (const Micro& micro : micros(at)) {
        if (!micro.append) continue;
        auto [found, fresh] = appends_.try_emplace(name(micro.key, micro.value), Append{at});
        if (!fresh) {
          findings.unknown("The element " + values_.text(micro.value) + " is appended to " +
                           key_text(micro) + " by " + txn(found->second.call) + " and again by " +
                           txn(at) + ": each may be appended only once.");
          return false;
        }
        auto [before, first] = last.try_emplace(micro.key, micro.value);
        if (first) continue;
        appends_[name(micro.key, before->second)].last = false;
        before->second = micro.value;
      }
    }
    return true;
  }

  // What a read may find at all.
  void judge_elements(std::uint32_t at, Findings& findings) {
    for (const Micro& read : micros(at)) {
      if (read.append) continue;
      findings.figure("reads", 1);
      findings.figure("elements", read.size);
      seen_.begin(values_.size());
      for (std::int32_t element : elements(read)) {
        std::size_t known = seen_.size();
        if (static_cast<std::size_t>(seen_.of(element)) < known) {
          tell("duplicate-elements", at, at, read,
               "found " + values_.text(element) + " more than once in", findings);
        }
        judge_element(at, read, element, findings);
      }
      if (read.size > 0) judge_last(at, read, findings);
    }
  }

  void judge_element(std::uint32_t at, const Micro& read, std::int32_t element,
                     Findings& findings) {
    const Append* append = append_of(read.key, element);
    if (append == nullptr) {
      tell("unexpected", at, at, read,
           "found " + values_.text(element) + ", which nobody appended, in", findings);
      return;
    }
    const Call& writer = call(append->call);
    if (writer.failed() && demand_ >= Demand::read_committed) {
      tell("G1a", at, append->call, read,
           "found " + values_.text(element) + " of the aborted " + txn(append->call) + " in",
           findings);
    }
    if (writer.invoked > call(at).completed) {
      tell("premature", at, append->call, read,
           "found " + values_.text(element) + ", appended only later by " + txn(append->call) +
               ", in",
           findings);
    }
  }

  void judge_last(std::uint32_t at, const Micro& read, Findings& findings) {
    std::int32_t element = elements(read).back();
    const Append* append = append_of(read.key, element);
    bool intermediate = append != nullptr && append->call != at && !append->last;
    if (!intermediate || demand_ < Demand::read_committed) return;
    tell("G1b", at, append->call, read,
         "found the intermediate " + values_.text(element) + " of " + txn(append->call) +
             " last in",
         findings);
  }

  // A transaction sees its own appends last, and from snapshots on nothing new before them.
  void judge_own(std::uint32_t at, Findings& findings) {
    struct Known {
      bool read = false;
      std::vector<std::int32_t> before, own;
    };
    std::map<std::int32_t, Known> keys;
    for (const Micro& micro : micros(at)) {
      Known& known = keys[micro.key];
      if (micro.append) {
        known.own.push_back(micro.value);
        continue;
      }
      std::span<const std::int32_t> found = elements(micro);
      bool ends = found.size() >= known.own.size() &&
                  std::equal(known.own.rbegin(), known.own.rend(), found.rbegin());
      std::span<const std::int32_t> rest = ends ? found.first(found.size() - known.own.size())
                                                : found;
      bool repeats = !known.read || demand_ < Demand::snapshot ||
                     std::equal(rest.begin(), rest.end(), known.before.begin(),
                                known.before.end());
      if (!ends || !repeats) {
        tell("internal", at, at, micro,
             ends ? "did not find what it had found before in" : "lacks its own appends in",
             findings);
      }
      known.read = true;
      known.before.assign(rest.begin(), rest.end());
    }
  }

  // Where aborted versions may be read, only those that surely stayed have one order.
  std::vector<std::int32_t> lasting(const Micro& read) const {
    std::vector<std::int32_t> list;
    for (std::int32_t element : elements(read)) {
      const Append* append = append_of(read.key, element);
      bool sure = append != nullptr && call(append->call).ok();
      if (demand_ >= Demand::read_committed || sure) list.push_back(element);
    }
    return list;
  }

  void find_longest(std::uint32_t at) {
    for (const Micro& read : micros(at)) {
      if (read.append) continue;
      Order& order = orders_[static_cast<std::size_t>(read.key)];
      if (read.size <= order.elements.size()) continue;
      std::vector<std::int32_t> list = lasting(read);
      if (list.size() > order.elements.size()) order = {std::move(list), at};
    }
  }

  void judge_order(std::uint32_t at, Findings& findings) {
    for (const Micro& read : micros(at)) {
      if (read.append) continue;
      const Order& order = orders_[static_cast<std::size_t>(read.key)];
      std::vector<std::int32_t> list = lasting(read);
      if (std::equal(list.begin(), list.end(), order.elements.begin(),
                     order.elements.begin() + static_cast<std::ptrdiff_t>(list.size()))) {
        continue;
      }
      tell("incompatible-order", at, order.call, read,
           "is no beginning of " + list_text(order.elements) + ", which " + txn(order.call) +
               " found: it found",
           findings);
    }
  }

  // Two that read one version of a key and both appended to it: one did not see the other.
  void judge_lost_updates(const std::vector<std::uint32_t>& committed, Findings& findings) {
    std::map<std::pair<std::int32_t, std::size_t>, std::uint32_t> updaters;  // by version
    for (std::uint32_t at : committed) {
      std::map<std::int32_t, std::size_t> read;  // key -> size of its first read, before any append
      std::map<std::int32_t, bool> appended;
      for (const Micro& micro : micros(at)) {
        if (!micro.append) {
          if (!appended[micro.key]) read.try_emplace(micro.key, micro.size);
          continue;
        }
        if (std::exchange(appended[micro.key], true)) continue;
        auto version = read.find(micro.key);
        if (version == read.end()) continue;
        auto [other, first] = updaters.try_emplace({micro.key, version->second}, at);
        if (first) continue;
        tell("lost-update", at, other->second, micro,
             "read the same version as " + txn(other->second) + ", which also appended to it, of",
             findings);
      }
    }
  }

  // What was committed before a transaction began is there, or overwritten by what is there.
  void judge_real_time(const std::vector<std::uint32_t>& committed, Findings& findings) {
    std::unordered_map<std::uint64_t, std::size_t> places;  // looked up only
    for (std::size_t key = 0; key < orders_.size(); ++key) {
      const std::vector<std::int32_t>& elements = orders_[key].elements;
      for (std::size_t i = 0; i < elements.size(); ++i) {
        places.try_emplace(name(static_cast<std::int32_t>(key), elements[i]), i + 1);
      }
    }
    struct Due {
      std::size_t size = 0;
      std::uint32_t call = 0;
    };
    std::vector<Due> due(list_keys_.size());
    in_real_time(
        committed,
        [&](std::uint32_t at) {
          for (const Micro& micro : micros(at)) {
            std::size_t size = micro.size;
            if (micro.append) {
              auto place = places.find(name(micro.key, micro.value));
              size = place == places.end() ? SIZE_MAX : place->second;
            }
            Due& known = due[static_cast<std::size_t>(micro.key)];
            if (size > known.size) known = {size, at};
          }
        },
        [&](std::uint32_t at) {
          for (const Micro& micro : micros(at)) {
            const Due& known = due[static_cast<std::size_t>(micro.key)];
            if (micro.append || micro.size >= known.size) continue;
            tell("stale-read", at, known.call, micro,
                 "lacks what " + txn(known.call) + " had read or appended before it began in",
                 findings);
          }
        });
  }

  void tell(const char* anomaly, std::uint32_t at, std::uint32_t other, const Micro& micro,
            const std::string& what, Findings& findings) const {
    findings.add(anomaly, [&]() -> Story {
      Map detail;
      detail["key"] = list_keys_.value(micro.key);
      std::string list = micro.append ? "" : " " + list_text(elements(micro));
      return {"In " + txn(at) + " the " + (micro.append ? "append to " : "read of ") +
                  key_text(micro) + " " + what + (micro.append ? " the key" : list) + ".",
              at == other ? ops_of({at}) : ops_of({at, other}), std::move(detail)};
    });
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("reads"), "read") + " of " +
           counted(findings.figure("transactions"), "committed transaction") +
           " fit one order of versions a key, none aborted, intermediate or lost. Cycles of "
           "dependencies were not looked for.";
  }

  Demand demand_ = Demand::read_committed;
  std::unordered_map<std::uint64_t, Append> appends_;  // looked up only
  std::vector<Order> orders_;                          // by key
  LocalIds seen_;                                      // elements of one read
};

}  // namespace

void add_txn_basics(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{
      {.name = "isolation",
       .kind = OptionSpec::Kind::choice,
       .fallback = "read-committed",
       .help = "what is demanded at least: read-committed forbids aborted and intermediate reads, "
               "what is above it lost updates, strict-serializable stale reads",
       .choices = {"read-uncommitted", "read-committed", "repeatable-read", "snapshot",
                   "serializable", "strict-serializable"}}};
  registry.add(entry_of(
      "txn-basics", "list-append",
      "No read finds aborted or intermediate versions, and all find versions in one order.",
      "Transactions of reads of lists and appends to them.", std::move(options),
      [] { return std::make_unique<TxnBasics>(); }));
}

}  // namespace sunder
