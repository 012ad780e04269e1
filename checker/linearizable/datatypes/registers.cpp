// "register", "cas-register" and "etcd": one value that is read, written, compared and set.

#include <map>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using register_verb::cas;
using register_verb::failed_cas;
using register_verb::read;
using register_verb::write;

struct RegisterSpec {
  using State = std::int32_t;  // the id of the value it holds

  const ValueTable* values;
  State start;

  State initial() const { return start; }
  std::optional<State> step(State state, const Call& call) const {
    switch (call.verb) {
      case write: return call.input;
      case cas: return state == call.input ? std::optional(call.output) : std::nullopt;
      case failed_cas: return state != call.input ? std::optional(state) : std::nullopt;
      default: return state == call.output ? std::optional(state) : std::nullopt;
    }
  }
  bool observes(const Call& call) const {
    return call.verb == read || call.verb == failed_cas ||
           (call.verb == cas && call.input == call.output);
  }
  Value describe(State state) const { return (*values)[state]; }
};

bool sets(const Call& call) { return call.verb == write || call.verb == cas; }
std::int32_t set_value(const Call& call) { return call.verb == write ? call.input : call.output; }
std::optional<std::int32_t> needed_value(const Call& call) {
  if (call.verb == read) return call.output;
  if (call.verb == cas) return call.input;
  return {};
}

/// Leaves out crashed calls whose value no other call needs to find: placing one could only take
/// the present value away. Not when a failed cas was observed: it needs to find a difference.
void drop_unseen_sets(Operations& operations) {
  std::map<std::int32_t, std::size_t> needs;
  std::map<std::int32_t, std::vector<std::size_t>> crashed_sets;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& [call, invoked, returned] = operations[i];
    if (call.verb == failed_cas) return;
    bool crashed = operations[i].crashed();
    if (crashed && !sets(call)) continue;
    if (std::optional<std::int32_t> value = needed_value(call)) ++needs[*value];
    if (crashed) crashed_sets[set_value(call)].push_back(i);
  }
  std::vector<bool> dropped(operations.size());
  std::vector<std::int32_t> unseen;
  for (const auto& [value, sets_it] : crashed_sets) {
    if (!needs.contains(value)) unseen.push_back(value);
  }
  while (!unseen.empty()) {
    std::int32_t value = unseen.back();
    unseen.pop_back();
    for (std::size_t i : crashed_sets[value]) {
      dropped[i] = true;
      std::optional<std::int32_t> needed = needed_value(operations[i].call);
      if (needed && --needs[*needed] == 0) unseen.push_back(*needed);
    }
  }
  std::size_t at = 0;
  std::erase_if(operations, [&](const Operation&) { return dropped[at++]; });
}

struct RegisterKind {
  bool with_cas = true;
  bool observed = false;  // a cas that failed because its comparison did is an observation
};

class RegisterDatatype final : public Datatype {
 public:
  RegisterDatatype(RegisterKind kind, const Value& initial)
      : kind_(kind), initial_(values_.intern(initial)) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb == "read") {
      call.verb = read;
      return true;
    }
    if (verb == "write") {
      call.verb = write;
    } else if (verb == "cas" && kind_.with_cas) {
      call.verb = cas;
    } else {
      return false;
    }
    return read_arguments(arguments, call);
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view error) override {
    if (phase == Phase::fail && call.verb == cas && kind_.observed &&
        refused(error, "compare failed")) {
      call.verb = failed_cas;
      call.output = 0;
      return Fate::happened;
    }
    if (phase != Phase::ok) return plain_fate(phase);
    if (call.verb == read) return end_read(call, answer);
    if (answer.is_nil()) return Fate::happened;  // nothing is repeated
    Call repeated = call;
    return read_arguments(answer, repeated) && repeated == call ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    return kind_.with_cas ? "read, write of a value, cas of [expected new]; a read answers the "
                            "value, the others nil or their arguments"
                          : "read, write of a value; a read answers the value, a write nil or its "
                            "argument";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<RegisterSpec>>(RegisterSpec{&values_, initial_});
  }
  void prune(Operations& operations) const override { drop_unseen_sets(operations); }
  Decision monitor(std::span<const Operation> operations, bool wants_order) const override {
    return register_monitor(operations, initial_, wants_order);
  }
  std::string disprove(const Claim& claim) const override {
    return disprove_register(claim, initial_);
  }

  std::optional<std::int32_t> needs(const Call& call) const override { return needed_value(call); }
  std::optional<std::int32_t> leaves(const Call& call) const override {
    return sets(call) ? std::optional(set_value(call)) : std::nullopt;
  }

  std::string describe(const Call& call, bool crashed) const override {
    switch (call.verb) {
      case write: return "write " + values_.text(call.input);
      case cas: return "cas " + values_.text(call.input) + " to " + values_.text(call.output);
      case failed_cas: return "failed cas from " + values_.text(call.input);
      default: return crashed ? "read" : "read " + values_.text(call.output);
    }
  }

 private:
  bool read_arguments(ValueView arguments, Call& call) {
    if (call.verb == write) {
      if (!is_scalar(arguments)) return false;
      call.input = values_.intern(arguments);
      return true;
    }
    if (!is_pair_of_scalars(arguments)) return false;
    call.input = values_.intern(arguments[0]);
    call.output = values_.intern(arguments[1]);
    return true;
  }

  Fate end_read(Call& call, ValueView answer) {
    if (!is_scalar(answer)) return Fate::broken;
    // A register that begins with a value cannot hold nil: nil is an answer that was not recorded.
    // Knossos leaves such reads out too.
    if (answer.is_nil() && initial_ != 0) return Fate::never;
    call.output = values_.intern(answer);
    return Fate::happened;
  }

  RegisterKind kind_;
  std::int32_t initial_;
};

OptionSpec initial_option() {
  return {.name = "initial", .fallback = "nil", .help = "the value before the first write"};
}

OptionSpec failed_cas_option(std::string fallback) {
  return {.name = "failed-cas",
          .kind = OptionSpec::Kind::choice,
          .fallback = std::move(fallback),
          .help = "whether a compare that failed is an observation of the register",
          .choices = {"ignored", "observed"}};
}

std::unique_ptr<Datatype> make_cas_register(const Options& options) {
  RegisterKind kind{.with_cas = true, .observed = options.text("failed-cas") == "observed"};
  return std::make_unique<RegisterDatatype>(kind, option_value(options.text("initial")));
}

}  // namespace

DatatypeEntry register_entry() {
  return {.name = "register",
          .summary = "One value, read and written.",
          .options = {initial_option()},
          .make = [](const Options& options) -> std::unique_ptr<Datatype> {
            return std::make_unique<RegisterDatatype>(RegisterKind{.with_cas = false},
                                                      option_value(options.text("initial")));
          }};
}

DatatypeEntry cas_register_entry() {
  return {.name = "cas-register",
          .summary = "One value, read, written, and set when it is as expected.",
          .options = {failed_cas_option("ignored"), initial_option()},
          .make = make_cas_register};
}

DatatypeEntry etcd_entry() {
  return {.name = "etcd",
          .summary =
              "A cas-register as Porcupine reads etcd's logs: a cas that failed is an "
              "observation.",
          .options = {failed_cas_option("observed"), initial_option()},
          .make = make_cas_register};
}

}  // namespace sunder::linearizable
