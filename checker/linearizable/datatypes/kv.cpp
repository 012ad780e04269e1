// "kv": Porcupine's key-value store with get, put and append of texts. Keys are split by whoever
// reads the ops; this is what happens under one key.

#include <map>
#include <set>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

/// A text in two parts, so that it can be looked up without joining them.
struct Joined {
  std::string_view head;
  std::string_view tail;

  std::size_t size() const { return head.size() + tail.size(); }
  bool begins(std::string_view text) const {
    return text.starts_with(head) && text.substr(head.size()).starts_with(tail);
  }
};

struct Before {
  using is_transparent = void;
  bool operator()(const std::string& a, const std::string& b) const { return a < b; }
  bool operator()(std::string_view a, const Joined& b) const {
    int heads = a.substr(0, b.head.size()).compare(b.head);
    return heads != 0 ? heads < 0 : a.substr(b.head.size()) < b.tail;
  }
};

/// Every text that a get answered, with its id.
using Answers = std::map<std::string, std::int32_t, Before>;

/// What is stored matters only while it is the beginning of some answer: until a put replaces it,
/// no get can find it otherwise, whatever is appended. So all other texts are one state. (Two
/// replicas that append in different orders would else make as many states as there are orders.)
struct KvSpec {
  /// The first answer that begins with the text, and the text's length.
  using State = std::int64_t;
  static constexpr State unread = -1;  // no answer begins with it

  const ValueTable* values;  // all of them texts
  const Answers* answers;

  State initial() const { return state_of({}); }
  std::optional<State> step(State state, const Call& call) const {
    switch (call.verb) {
      case kv_verb::put: return state_of(text(call.input));
      case kv_verb::append:
        return state == unread ? unread : state_of(text_of(state), text(call.input));
      default: break;
    }
    return state == state_of(text(call.output)) ? std::optional(state) : std::nullopt;
  }
  bool observes(const Call& call) const {
    return call.verb == kv_verb::get || (call.verb == kv_verb::append && text(call.input).empty());
  }
  Value describe(State state) const {
    if (state != unread) return Value(text_of(state));
    Map map;
    map["never-read"] = true;
    return map;
  }

 private:
  const std::string& text(std::int32_t id) const { return (*values)[id].text(); }
  std::string_view text_of(State state) const {
    return std::string_view(text(static_cast<std::int32_t>(state >> 32)))
        .substr(0, static_cast<std::uint32_t>(state));
  }
  State state_of(std::string_view text, std::string_view appended = {}) const {
    Joined joined{text, appended};
    auto answer = answers->lower_bound(joined);
    if (answer == answers->end() || !joined.begins(answer->first)) return unread;
    return State{answer->second} << 32 | static_cast<State>(joined.size());
  }
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
      answers_.emplace(values_[call.output].text(), call.output);
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
    return std::make_unique<ModelOf<KvSpec>>(KvSpec{&values_, &answers_});
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

  Answers answers_;
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
