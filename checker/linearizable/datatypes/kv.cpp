// "kv": Porcupine's key-value store with get, put and append of texts. Keys are split by whoever
// reads the ops; this is what happens under one key.

#include <set>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

struct KvSpec {
  using State = std::string;

  const ValueTable* values;  // all of them texts

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    switch (call.verb) {
      case kv_verb::put: return text(call.input);
      case kv_verb::append: return state + text(call.input);
      default: break;
    }
    if (state != text(call.output)) return {};
    return state;
  }
  bool observes(const Call& call) const {
    return call.verb == kv_verb::get || (call.verb == kv_verb::append && text(call.input).empty());
  }
  Value describe(const State& state) const { return Value(state); }
  const std::string& text(std::int32_t id) const { return (*values)[id].text(); }
};

class KvDatatype final : public Datatype {
 public:
  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb == "get" || verb == "read") {
      call.verb = kv_verb::get;
      return true;
    }
    if (verb == "put" || verb == "write") {
      call.verb = kv_verb::put;
    } else if (verb == "append") {
      call.verb = kv_verb::append;
    } else {
      return false;
    }
    return is_scalar(arguments) && intern_text(arguments, call.input);
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (!is_scalar(answer)) return Fate::broken;
    if (call.verb == kv_verb::get) {
      intern_text(answer, call.output);
      return Fate::happened;
    }
    if (answer.is_nil()) return Fate::happened;
    std::int32_t repeated = 0;
    intern_text(answer, repeated);
    return repeated == call.input ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    return "get, put of a text, append of a text; a get answers the text, or nil when there is "
           "none; the others nil or their argument";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<KvSpec>>(KvSpec{&values_});
  }

  /// A text stays part of what is stored until a put replaces it. So a crashed put or append whose
  /// text is part of no answer was followed by no get before the next put, and the history is as
  /// good without it.
  void prune(Operations& operations) const override {
    std::set<std::int32_t> answers;
    for (const Operation& operation : operations) {
      if (operation.call.verb == kv_verb::get && !operation.crashed()) {
        answers.insert(operation.call.output);
      }
    }
    std::erase_if(operations, [&](const Operation& operation) {
      if (!operation.crashed() || operation.call.verb == kv_verb::get) return false;
      const std::string& text = values_[operation.call.input].text();
      return std::none_of(answers.begin(), answers.end(), [&](std::int32_t answer) {
        return values_[answer].text().find(text) != std::string::npos;
      });
    });
  }

  std::string describe(const Call& call, bool crashed) const override {
    if (call.verb == kv_verb::get) return crashed ? "get" : "get " + values_.text(call.output);
    return (call.verb == kv_verb::put ? "put " : "append ") + values_.text(call.input);
  }

 private:
  // Numbers are kept as they are written: stores of texts know no others. Nothing is "".
  bool intern_text(ValueView value, std::int32_t& id) {
    switch (value.kind()) {
      case Value::Kind::nil: id = values_.intern(Value("")); break;
      case Value::Kind::text: id = values_.intern(value); break;
      default: {
        std::string text;
        append_edn(text, value.value());
        id = values_.intern(Value(std::move(text)));
      }
    }
    return true;
  }
};

}  // namespace

DatatypeEntry kv_entry() {
  return {.name = "kv",
          .summary =
              "Texts under keys with get, put and append, as in Porcupine's data; what is "
              "absent reads as \"\".",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<KvDatatype>();
          }};
}

}  // namespace sunder::linearizable
