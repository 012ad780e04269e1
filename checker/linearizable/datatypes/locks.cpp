// "mutex", "owner-lock", "reentrant-mutex" and "fenced-mutex".

#include <map>

#include "checker/linearizable/datatypes/crashed.h"
#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using lock_verb::acquire;
using lock_verb::release;

/// The output of an acquire whose fencing token nobody knows.
constexpr std::int32_t unknown_token = INT32_MIN;

struct LockKind {
  bool owned = true;           // only the holder may release
  std::int64_t max_depth = 1;  // how often the holder may acquire
  bool fenced = false;         // acquires answer tokens that grow
};

struct LockState {
  std::int32_t holder = 0;         // 0 also when nobody holds it
  std::int64_t depth = 0;          // how often it was acquired and not yet released
  std::int64_t token = INT64_MIN;  // no token was greater
  bool operator==(const LockState&) const = default;
};
std::uint64_t hash_of(const LockState& state) {
  std::uint64_t hash = mix(static_cast<std::uint32_t>(state.holder), 1);
  hash = mix(hash, static_cast<std::uint64_t>(state.depth));
  return mix(hash, static_cast<std::uint64_t>(state.token));
}
std::size_t bytes_of(const LockState&) { return 0; }

struct LockSpec {
  using State = LockState;

  const ValueTable* values;
  LockKind kind;

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    bool mine = state.depth > 0 && state.holder == call.input;
    State next = state;
    if (call.verb == release) {
      if (!mine) return {};
      if (--next.depth == 0) next.holder = 0;
      return next;
    }
    if (state.depth > 0 && (!mine || state.depth == kind.max_depth)) return {};
    ++next.depth;
    next.holder = call.input;
    if (!kind.fenced) return next;
    // Of the tokens that an unknown one can be, the least allows whatever another one does.
    bool known = call.output != unknown_token;
    if (known && call.output <= state.token) return {};
    next.token = known ? call.output : std::max<std::int64_t>(state.token, INT32_MIN) + 1;
    return next;
  }
  bool observes(const Call&) const { return false; }
  Value describe(const State& state) const {
    Value holder = state.depth == 0 ? Value() : (*values)[state.holder];
    if (!kind.owned) return state.depth == 0 ? "free" : "held";
    if (!kind.fenced && kind.max_depth == 1) return holder;
    Map map;
    map["holder"] = holder;
    if (kind.max_depth != 1) map["depth"] = state.depth;
    if (kind.fenced) map["token"] = state.token == INT64_MIN ? Value() : Value(state.token);
    return map;
  }
};

class LockDatatype final : public Datatype {
 public:
  explicit LockDatatype(LockKind kind) : kind_(kind) {}

  bool begin(std::string_view verb, ValueView arguments, Process process, Call& call) override {
    bool acquires = verb == "acquire" || verb == "lock";
    if (!acquires && verb != "release" && verb != "unlock") return false;
    call.verb = acquires ? acquire : release;
    if (kind_.fenced && acquires) call.output = unknown_token;
    if (!kind_.owned) return true;
    if (!is_scalar(arguments)) return false;
    call.input = arguments.is_nil() ? values_.intern(Value(process.id)) : values_.intern(arguments);
    return true;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (answer.kind() == Value::Kind::boolean) {
      return answer.boolean() ? Fate::happened : Fate::never;
    }
    if (kind_.fenced && call.verb == acquire && !answer.is_nil()) {
      std::optional<std::int32_t> token = small_integer(answer);
      if (token) call.output = *token;
      return token ? Fate::happened : Fate::broken;
    }
    bool understood = !kind_.owned || repeats(values_, answer, call.input);
    return understood ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    std::string answers = kind_.fenced ? "; an acquire answers its fencing token, an integer" : "";
    return kind_.owned
               ? "acquire and release by the process, or by the owner that is the argument" +
                     answers
               : "acquire and release";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<LockSpec>>(LockSpec{&values_, kind_});
  }

  Decision monitor(std::span<const Operation> operations, bool) const override {
    return kind_.owned ? Decision{} : lock_monitor(operations, 1);
  }

  /// In a linearization each release ends what some acquire of the same owner began, like a pair of
  /// brackets. Brackets of which both crashed can be taken away, and so can a crashed acquire that
  /// nothing ends. So of an owner's crashed acquires no more matter than releases completed, and of
  /// the crashed releases no more than acquires completed.
  void prune(Operations& operations) const override {
    std::map<Call, std::size_t> limits;
    auto crashed_call = [&](std::uint32_t verb, std::int32_t owner) {
      bool fenced = kind_.fenced && verb == acquire;
      return Call{.verb = verb, .input = owner, .output = fenced ? unknown_token : 0};
    };
    for (const auto& [call, invoked, returned] : operations) {
      std::uint32_t other = call.verb == acquire ? release : acquire;
      limits[crashed_call(call.verb, call.input)] += 0;
      if (returned != open_end) ++limits[crashed_call(other, call.input)];
    }
    keep_earliest(operations, std::move(limits));
  }

  std::string describe(const Call& call, bool crashed) const override {
    std::string text = call.verb == acquire ? "acquire" : "release";
    if (kind_.owned) text += " by " + values_.text(call.input);
    bool token = kind_.fenced && call.verb == acquire && call.output != unknown_token && !crashed;
    return token ? text + " with token " + std::to_string(call.output) : text;
  }

 private:
  LockKind kind_;
};

}  // namespace

DatatypeEntry mutex_entry() {
  return {.name = "mutex",
          .summary = "A lock without owners: whoever likes may release it, as in Knossos.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<LockDatatype>(LockKind{.owned = false});
          }};
}

DatatypeEntry owner_lock_entry() {
  return {.name = "owner-lock",
          .summary = "A lock that only its holder may release.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<LockDatatype>(LockKind{});
          }};
}

DatatypeEntry reentrant_mutex_entry() {
  return {
      .name = "reentrant-mutex",
      .summary = "A lock that its holder may acquire again, and must release as often.",
      .options = {{.name = "max-depth",
                   .kind = OptionSpec::Kind::integer,
                   .fallback = "0",
                   .help = "how often the holder may acquire it; 0: as often as it likes"}},
      .make = [](const Options& options) -> std::unique_ptr<Datatype> {
        return std::make_unique<LockDatatype>(LockKind{.max_depth = options.integer("max-depth")});
      }};
}

DatatypeEntry fenced_mutex_entry() {
  return {.name = "fenced-mutex",
          .summary =
              "A lock that only its holder may release; acquires answer fencing tokens, "
              "each greater than all before.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<LockDatatype>(LockKind{.fenced = true});
          }};
}

}  // namespace sunder::linearizable
