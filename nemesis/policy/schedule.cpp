#include "nemesis/policy/schedule.h"

#include <algorithm>

#include "harness/generate/rule.h"

namespace sunder {
namespace {

class OnOffRule final : public Rule {
 public:
  struct State {
    bool on = false;
    std::optional<Instant> due;  // of the next act; none before the first emission
    Duration gap{0};             // from the completion of the last act to `due`
  };

  OnOffRule(std::shared_ptr<const OnOff> fault, Duration interval, Rng rng, State state)
      : fault_(std::move(fault)), interval_(interval), rng_(rng), state_(state) {}

  Emission next(const Context& context) const override {
    if (context.free.empty()) return Pending{};
    Rng rng = rng_;
    Ready ready;
    ready.op.process = context.process_of(context.free.nth(0));
    State rest = state_;
    if (!state_.due) {
      // A line of log goes out at once: with it the time of the first fault is settled, although
      // merely asking leaves no trace.
      ready.kind = Ready::Kind::log;
      ready.op.time = context.time;
      ready.op.verb = "log";
      ready.op.value =
          "nemesis " + fault_->kind + ": an act about every " + format_duration(interval_);
    } else {
      ready.op.time = std::max(context.time, *state_.due);
      ready.op.verb = state_.on ? fault_->end : fault_->begin;
      ready.op.value = state_.on ? fault_->end_value : fault_->intention(rng);
      rest.on = !state_.on && !fault_->end.empty();
    }
    rest.gap = rng.between(interval_ / 2, interval_ / 2 + interval_);
    rest.due = ready.op.time + rest.gap;
    ready.rest = gen::make<OnOffRule>(fault_, interval_, rng, rest);
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    if (event.phase == Phase::invoke || !state_.due) return self;
    State state = state_;
    state.due = context.time + state.gap;
    return gen::make<OnOffRule>(fault_, interval_, rng_, state);
  }

 private:
  std::shared_ptr<const OnOff> fault_;
  Duration interval_;
  Rng rng_;
  State state_;
};

}  // namespace

Generator on_off_schedule(const NemesisConfig& config, OnOff fault) {
  Rng rng(config.seed, Stream::of("schedule " + fault.kind));
  auto shared = std::make_shared<const OnOff>(std::move(fault));
  Generator endless =
      gen::make<OnOffRule>(std::move(shared), config.interval, rng, OnOffRule::State{});
  return gen::on_thread(config.process.id, std::move(endless));
}

Nemesis on_off_nemesis(Nemesis nemesis, OnOffActs acts) {
  nemesis.verbs = {acts.begin, acts.end};
  nemesis.schedule = [kind = nemesis.name, acts](const NemesisConfig& config) {
    return on_off_schedule(config, {kind, acts.begin, acts.end, acts.intention(config.options)});
  };
  nemesis.recovery = [end = acts.end](const NemesisConfig& config) {
    return recovery_op(config, end);
  };
  nemesis.apply = [acts](const Op& op, FaultScene& scene, std::function<void(Outcome)> complete) {
    if (op.verb == acts.begin) return acts.strike(op, scene, std::move(complete));
    acts.mend(scene, std::move(complete));
  };
  return nemesis;
}

Generator recovery_op(const NemesisConfig& config, std::string verb) {
  return gen::on_thread(config.process.id, gen::op(std::move(verb)));
}

}  // namespace sunder
