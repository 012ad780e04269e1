// "counter": a number that grows and shrinks by what is added.

#include "checker/linearizable/datatypes/crashed.h"
#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

struct CounterSpec {
  using State = std::int64_t;

  State start;

  State initial() const { return start; }
  std::optional<State> step(State state, const Call& call) const {
    if (call.verb == counter_verb::add) return state + call.input;
    return state == call.output ? std::optional(state) : std::nullopt;
  }
  bool observes(const Call& call) const {
    return call.verb == counter_verb::read || call.input == 0;
  }
  Value describe(State state) const { return Value(state); }
};

class CounterDatatype final : public Datatype {
 public:
  explicit CounterDatatype(std::int64_t initial) : initial_(initial) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb == "read") {
      call.verb = counter_verb::read;
      return true;
    }
    call.verb = counter_verb::add;
    bool up = verb == "increment" || verb == "inc";
    bool down = verb == "decrement" || verb == "dec";
    if (!up && !down && verb != "add") return false;
    std::optional<std::int32_t> amount = small_integer(arguments);
    if (arguments.is_nil() && verb != "add") amount = 1;
    if (!amount) return false;
    call.input = down ? -*amount : *amount;
    return true;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    std::optional<std::int32_t> number = small_integer(answer);
    if (call.verb == counter_verb::read) {
      if (!number) return Fate::broken;
      call.output = *number;
      return Fate::happened;
    }
    bool repeated = number && (*number == call.input || *number == -call.input);
    return answer.is_nil() || repeated ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    return "add of an integer, increment and decrement by an integer or by one, read; a read "
           "answers the integer, the others nil or their argument";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<CounterSpec>>(CounterSpec{initial_});
  }

  Decision monitor(std::span<const Operation> operations, bool) const override {
    return counter_monitor(operations, initial_);
  }

  /// Nobody sees a crashed add that was invoked after the last read.
  void prune(Operations& operations) const override {
    drop_late(operations, [](const Call& call) { return call.verb == counter_verb::read; });
  }

  std::string describe(const Call& call, bool crashed) const override {
    if (call.verb == counter_verb::add) return "add " + std::to_string(call.input);
    return crashed ? "read" : "read " + std::to_string(call.output);
  }

 private:
  std::int64_t initial_;
};

}  // namespace

DatatypeEntry counter_entry() {
  return {.name = "counter",
          .summary = "A number to which numbers are added, also negative ones.",
          .options = {{.name = "initial",
                       .kind = OptionSpec::Kind::integer,
                       .fallback = "0",
                       .help = "the number before the first add"}},
          .make = [](const Options& options) -> std::unique_ptr<Datatype> {
            return std::make_unique<CounterDatatype>(options.integer("initial"));
          }};
}

}  // namespace sunder::linearizable
