// "leader-registration": who is first to register is the leader for good. Terms are keys.

#include <map>
#include <set>

#include "checker/linearizable/datatypes/crashed.h"
#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"

namespace sunder::linearizable {
namespace {

/// enter: input is the candidate, output the leader, 0 when the answer did not say. lose: input is
/// a candidate that was told that another one is the leader. read: output is the leader, 0 when
/// there is none yet.
enum : std::uint32_t { enter, lose, read };

struct LeaderSpec {
  using State = std::int32_t;  // the leader; 0: none yet

  const ValueTable* values;

  State initial() const { return 0; }
  std::optional<State> step(State state, const Call& call) const {
    if (call.verb == read) return state == call.output ? std::optional(state) : std::nullopt;
    if (call.verb == lose) {
      return state != 0 && state != call.input ? std::optional(state) : std::nullopt;
    }
    State leader = state == 0 ? call.input : state;
    return call.output == 0 || call.output == leader ? std::optional(leader) : std::nullopt;
  }
  bool observes(const Call& call) const { return call.verb != enter || loses(call); }
  Value describe(State state) const { return (*values)[state]; }

  // Who is told of another leader has not become it.
  static bool loses(const Call& call) { return call.output != 0 && call.output != call.input; }
};

class LeaderDatatype final : public Datatype {
 public:
  bool begin(std::string_view verb, ValueView arguments, Process process, Call& call) override {
    if (verb == "read") {
      call.verb = read;
      return true;
    }
    call.verb = enter;
    if (!is_one_of(verb, {"register", "elect", "announce"}) || !is_scalar(arguments)) return false;
    call.input = arguments.is_nil() ? values_.intern(Value(process.id)) : values_.intern(arguments);
    return true;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (!is_scalar(answer)) return Fate::broken;
    if (call.verb == enter && answer.kind() == Value::Kind::boolean) {
      if (answer.boolean()) call.output = call.input;
      if (!answer.boolean()) call.verb = lose;
    } else {
      call.output = values_.intern(answer);
    }
    return Fate::happened;
  }

  std::string expects() const override {
    return "register, elect or announce of a candidate, or of the process (answered by the leader, "
           "by whether it is the candidate, or by nil), read (the leader, nil when there is none)";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<LeaderSpec>>(LeaderSpec{&values_});
  }

  /// A crashed registration can only matter as the first one of all, and then every answer that
  /// names a leader names its candidate. So there must be such an answer, unless some answer says
  /// only that there is a leader; and of equal ones the earliest is enough.
  void prune(Operations& operations) const override {
    std::set<std::int32_t> named;
    bool unnamed = false;
    for (const auto& [call, invoked, returned] : operations) {
      if (returned == open_end) continue;
      if (call.verb == lose) unnamed = true;
      if (call.verb != lose) named.insert(call.output);
    }
    std::map<Call, std::size_t> limits;
    for (const auto& [call, invoked, returned] : operations) {
      if (call.verb != enter || call.output != 0) continue;
      limits[call] = unnamed || named.contains(call.input) ? 1 : 0;
    }
    keep_earliest(operations, std::move(limits));
  }

  std::string describe(const Call& call, bool crashed) const override {
    if (call.verb == read) return crashed ? "read" : "read " + values_.text(call.output);
    std::string text = "register " + values_.text(call.input);
    if (call.verb == lose) return text + " (another one leads)";
    return crashed || call.output == 0 ? text : text + " (" + values_.text(call.output) + " leads)";
  }
};

}  // namespace

DatatypeEntry leader_registration_entry() {
  return {.name = "leader-registration",
          .summary = "The first candidate that registers is the leader for good.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<LeaderDatatype>();
          }};
}

}  // namespace sunder::linearizable
