// Locks and what they protect: whoever acquires a lock writes to its resource under the token that
// it got, and releases it. Now and then a holder does nothing for longer than a lease lasts before
// it writes, as a process does in a long pause (Kleppmann, "How to do distributed locking", 2016):
// then its token is stale, and the resource must say so.

#include "harness/generate/rule.h"
#include "workloads/parts/keys.h"

namespace sunder {
namespace {

// Without it nearly all operations would be refused acquires.
constexpr Duration retry_every = std::chrono::milliseconds(100);

struct Habits {
  std::int64_t writes = 2;      // of a holder
  std::int64_t long_every = 5;  // each so many tokens, one is held for long
  Duration hold{0};
};

/// One client of one lock, for ever.
class HolderRule final : public Rule {
 public:
  struct State {
    bool holds = false;
    Duration rest{0};           // before anything else
    std::int64_t token = -1;    // below 0: nobody knows
    std::int64_t written = 0;
  };
  HolderRule(Habits habits, State state) : habits_(habits), state_(state) {}

  Emission next(const Context& context) const override {
    State then = state_;
    Generator wanted = gen::op("acquire");
    if (state_.rest > Duration{0}) {
      then.rest = Duration{0};
      wanted = gen::sleep(state_.rest);
    } else if (state_.holds && state_.token >= 0 && state_.written < habits_.writes) {
      ++then.written;
      std::int64_t value = state_.token * (habits_.writes + 1) + then.written;
      wanted = gen::op("write", Value::pair(Value(state_.token), Value(value)));
    } else if (state_.holds) {
      then = {};
      wanted = gen::op("release");
    }
    Emission emission = wanted.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = gen::make<HolderRule>(habits_, then);
    }
    return emission;
  }

  Generator after(const Context&, const Op& event, const Generator& self) const override {
    if (event.verb != "acquire" || state_.holds) return self;
    State then;
    if (event.phase == Phase::fail) then.rest = retry_every;
    if (event.phase == Phase::ok) {
      then.holds = true;
      if (event.value.is_integer()) then.token = event.value.integer();
      if (then.token >= 0 && then.token % habits_.long_every == 0) then.rest = habits_.hold;
    }
    return gen::make<HolderRule>(habits_, then);
  }

 private:
  Habits habits_;
  State state_;
};

Generator load(const WorkloadConfig& config) {
  const Options& options = config.options;
  Habits habits{.writes = at_least(options, "writes", 0),
                .long_every = at_least(options, "long-every", 1),
                .hold = options.duration("hold")};
  auto ops = static_cast<std::uint64_t>(at_least(options, "ops-per-key", 1));
  auto threads =
      static_cast<int>(std::min<std::int64_t>(at_least(options, "threads-per-key", 1), 10'000));
  auto make_for_key = [=](const Value&) {
    Generator holder = gen::make<HolderRule>(habits, HolderRule::State{});
    return gen::limit(ops, gen::each_process(std::move(holder)));
  };
  return gen::clients(gen::concurrent_keys(threads, gen::integer_keys(), make_for_key));
}

}  // namespace

void add_fenced_lock(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "fenced-lock",
      .summary = "locks whose holders write to a resource under their fencing tokens",
      .datatype = "fenced-resource",
      .keyed = true,
      .verbs = {"acquire", "release", "write"},
      .observes = {"acquire"},
      .options = {integer_option("threads-per-key", "3", "clients that compete for one lock"),
                  integer_option("ops-per-key", "400",
                                 "operations on a lock before its clients take the next one"),
                  integer_option("writes", "2", "of each holder"),
                  integer_option("long-every", "5",
                                 "each holder whose token is a multiple of this holds for long"),
                  {"hold", OptionSpec::Kind::duration, "4s",
                   "for how long, before it writes; more than a lease, to find stale tokens"}},
      .load = load,
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"fenced-lock fenced-resource", {}}};
          },
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
