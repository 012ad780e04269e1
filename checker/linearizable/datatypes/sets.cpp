// "set" and "g-set": elements that are added, removed, looked for, and read all at once.

#include <map>
#include <set>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/id_map.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

/// What the lists that were read hold, by their ids. An element is the key of a 1.
using Contents = std::map<std::int32_t, IdMap>;

struct SetSpec {
  using State = IdMap;

  const ValueTable* values;
  const Contents* contents;

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    bool present = state[call.input] != 0;
    switch (call.verb) {
      case set_verb::add: return present ? std::nullopt : std::optional(state.with(call.input, 1));
      case set_verb::add_any: return state.with(call.input, 1);
      case set_verb::remove:
        return present ? std::optional(state.with(call.input, 0)) : std::nullopt;
      case set_verb::remove_any: return state.with(call.input, 0);
      case set_verb::add_present:
      case set_verb::contains: return present ? std::optional(state) : std::nullopt;
      case set_verb::remove_absent:
      case set_verb::absent: return present ? std::nullopt : std::optional(state);
      default: break;
    }
    auto read = contents->find(call.output);
    bool equal = read == contents->end() ? state.empty() : state == read->second;
    return equal ? std::optional(state) : std::nullopt;
  }
  bool observes(const Call& call) const {
    switch (call.verb) {
      case set_verb::add:
      case set_verb::add_any:
      case set_verb::remove:
      case set_verb::remove_any: return false;
      default: return true;
    }
  }
  Value describe(const State& state) const {
    List elements;
    state.each([&](std::int32_t id, std::int32_t) { elements.push_back((*values)[id]); });
    std::sort(elements.begin(), elements.end());
    return elements;
  }
};

bool needs_present(const Call& call) {
  return call.verb == set_verb::add_present || call.verb == set_verb::contains ||
         call.verb == set_verb::remove;
}
bool needs_absent(const Call& call) {
  return call.verb == set_verb::remove_absent || call.verb == set_verb::absent ||
         call.verb == set_verb::add;
}

class SetDatatype final : public Datatype {
 public:
  explicit SetDatatype(bool grow_only) : grow_only_(grow_only) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb == "read") {
      call.verb = set_verb::read_all;
      return true;
    }
    if (verb == "add" || verb == "insert") {
      call.verb = set_verb::add_any;
    } else if ((verb == "remove" || verb == "delete") && !grow_only_) {
      call.verb = set_verb::remove_any;
    } else if (verb == "contains" || verb == "member") {
      call.verb = set_verb::contains;
    } else {
      return false;
    }
    if (arguments.is_nil()) return false;
    call.input = values_.intern(arguments);
    return true;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (call.verb == set_verb::read_all) return end_read(call, answer);
    bool changes = call.verb != set_verb::contains;
    if (changes && repeats(values_, answer, call.input)) return Fate::happened;
    if (answer.kind() != Value::Kind::boolean) return Fate::broken;
    switch (call.verb) {
      case set_verb::add_any:
        call.verb = answer.boolean() ? set_verb::add : set_verb::add_present;
        break;
      case set_verb::remove_any:
        call.verb = answer.boolean() ? set_verb::remove : set_verb::remove_absent;
        break;
      default: call.verb = answer.boolean() ? set_verb::contains : set_verb::absent;
    }
    return Fate::happened;
  }

  std::string expects() const override {
    return std::string(grow_only_ ? "add" : "add and remove") +
           " of an element (answered by nil, the element, or whether the set changed), contains "
           "of an element (true or false), read (the elements, each once)";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<SetSpec>>(SetSpec{&values_, &contents_});
  }

  Decision monitor(std::span<const Operation> operations, bool wants_order) const override {
    return set_monitor(operations, wants_order);
  }
  std::string disprove(const Claim& claim) const override { return disprove_set(claim); }

  /// A crashed add of what no call needs to find present is left out: in a linearization it can be
  /// taken away together with the crashed removes of that element, and the element is then absent
  /// until the next add of it, which nobody minds. The same holds for a crashed remove of what no
  /// call needs to find absent.
  void prune(Operations& operations) const override {
    std::set<std::int32_t> wanted;    // elements that must be present at some time
    std::set<std::int32_t> unwanted;  // and absent
    std::vector<const IdMap*> reads;
    for (const auto& [call, invoked, returned] : operations) {
      if (returned == open_end) continue;
      if (needs_present(call)) wanted.insert(call.input);
      if (needs_absent(call)) unwanted.insert(call.input);
      auto read = contents_.find(call.output);
      if (call.verb == set_verb::read_all && read != contents_.end()) {
        reads.push_back(&read->second);
      }
    }
    std::sort(reads.begin(), reads.end());
    reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
    auto was_read = [&](std::int32_t element, bool present) {
      return std::any_of(reads.begin(), reads.end(),
                         [&](const IdMap* read) { return ((*read)[element] != 0) == present; });
    };
    std::erase_if(operations, [&](const Operation& operation) {
      const Call& call = operation.call;
      if (!operation.crashed()) return false;
      if (call.verb == set_verb::add_any) {
        return !wanted.contains(call.input) && !was_read(call.input, true);
      }
      return call.verb == set_verb::remove_any && !unwanted.contains(call.input) &&
             !was_read(call.input, false);
    });
  }

  std::string describe(const Call& call, bool crashed) const override {
    std::string element = values_.text(call.input);
    switch (call.verb) {
      case set_verb::add: return "add " + element + " (new)";
      case set_verb::add_present: return "add " + element + " (there already)";
      case set_verb::add_any: return "add " + element;
      case set_verb::remove: return "remove " + element + " (was there)";
      case set_verb::remove_absent: return "remove " + element + " (was not there)";
      case set_verb::remove_any: return "remove " + element;
      case set_verb::contains: return "contains " + element + (crashed ? "" : " true");
      case set_verb::absent: return "contains " + element + " false";
      default: return crashed ? "read" : "read " + values_.text(call.output);
    }
  }

 private:
  Fate end_read(Call& call, ValueView answer) {
    if (answer.kind() != Value::Kind::list) return Fate::broken;
    IdMap elements;
    List sorted;
    bool twice = false;
    answer.each([&](ValueView element) {
      std::int32_t id = values_.intern(element);
      twice |= elements[id] != 0;
      elements = elements.with(id, 1);
      sorted.push_back(element.value());
    });
    if (twice) return Fate::broken;
    std::sort(sorted.begin(), sorted.end());
    call.output = values_.intern(Value(std::move(sorted)));
    contents_.emplace(call.output, std::move(elements));
    return Fate::happened;
  }

  bool grow_only_;
  Contents contents_;
};

}  // namespace

DatatypeEntry set_entry() {
  return {.name = "set",
          .summary = "Elements that are added, removed, looked for, and read all at once.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<SetDatatype>(false);
          }};
}

DatatypeEntry g_set_entry() {
  return {.name = "g-set",
          .summary = "A grow-only set: elements that are added, looked for, and read all at once.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<SetDatatype>(true);
          }};
}

}  // namespace sunder::linearizable
