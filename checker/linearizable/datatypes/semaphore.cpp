// "semaphore": a number of permits that are acquired and released.

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

struct SemaphoreSpec {
  using State = std::int64_t;  // permits that are free

  std::int64_t permits;

  State initial() const { return permits; }
  std::optional<State> step(State state, const Call& call) const {
    std::int64_t next = call.verb == acquire ? state - call.input : state + call.input;
    return next >= 0 && next <= permits ? std::optional(next) : std::nullopt;
  }
  bool observes(const Call&) const { return false; }
  Value describe(State state) const { return Value(state); }
};

class SemaphoreDatatype final : public Datatype {
 public:
  explicit SemaphoreDatatype(std::int64_t permits) : permits_(permits) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb != "acquire" && verb != "release") return false;
    call.verb = verb == "acquire" ? acquire : release;
    std::optional<std::int32_t> number = arguments.is_nil() ? 1 : small_integer(arguments);
    if (!number || *number < 1) return false;
    call.input = *number;
    return true;
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (answer.kind() == Value::Kind::boolean) {
      return answer.boolean() ? Fate::happened : Fate::never;
    }
    bool understood = answer.is_nil() || small_integer(answer) == call.input;
    return understood ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    return "acquire and release of a positive number of permits, or of one; answers are nil, that "
           "number, or whether it happened";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<SemaphoreSpec>>(SemaphoreSpec{permits_});
  }

  Decision monitor(std::span<const Operation> operations, bool) const override {
    for (const Operation& operation : operations) {
      if (operation.call.input != operations.front().call.input) return {};
    }
    return operations.empty() ? Decision{}
                              : lock_monitor(operations, permits_ / operations.front().call.input);
  }

  /// When all calls are of equally many permits, each release ends what some acquire began, like a
  /// pair of brackets (the last acquire that nothing ended yet), and pairs of which both crashed
  /// can be taken away, as can crashed acquires that nothing ends. So no more crashed acquires
  /// matter than releases completed, and the other way round. Releases of other numbers end no
  /// single acquire, and then nothing is left out.
  void prune(Operations& operations) const override {
    std::map<Call, std::size_t> limits;
    for (const auto& [call, invoked, returned] : operations) {
      if (call.input != operations.front().call.input) return;
      limits[Call{.verb = call.verb, .input = call.input}] += 0;
      std::uint32_t other = call.verb == acquire ? release : acquire;
      if (returned != open_end) ++limits[Call{.verb = other, .input = call.input}];
    }
    keep_earliest(operations, std::move(limits));
  }

  std::string describe(const Call& call, bool) const override {
    std::string text = call.verb == acquire ? "acquire" : "release";
    return call.input == 1 ? text : text + " " + std::to_string(call.input);
  }

 private:
  std::int64_t permits_;
};

}  // namespace

DatatypeEntry semaphore_entry() {
  return {.name = "semaphore",
          .summary = "Permits that are acquired and released; no more are released than were held.",
          .options = {{.name = "permits",
                       .kind = OptionSpec::Kind::integer,
                       .fallback = "1",
                       .help = "how many permits there are"}},
          .make = [](const Options& options) -> std::unique_ptr<Datatype> {
            return std::make_unique<SemaphoreDatatype>(options.integer("permits"));
          }};
}

}  // namespace sunder::linearizable
