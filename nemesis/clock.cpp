// Clock faults: wall clocks jump, forwards or backwards, and are set right again.

#include "harness/api/nemesis.h"
#include "nemesis/policy/clocks.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "clock";
constexpr const char* begin_verb = "bump-clock";
constexpr const char* end_verb = "reset-clock";

// Steps are well above what reading a clock over a network may be wrong by.
constexpr Duration step_least = std::chrono::milliseconds(100);

void bump(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  Rng& rng = scene.rng;
  std::string intention = intention_of(op.value, "targets", "one");
  const Value* stated = op.value.find("max_step_ns");
  Duration largest{stated != nullptr && stated->is_integer() ? stated->integer()
                                                             : nanoseconds(step_least)};
  cluster.survey([&cluster, &rng, intention, largest, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_targets(intention, before, rng);
    Offsets steps;
    for (NodeId node : targets) steps[node] = draw_magnitude(step_least, largest, rng);
    Offsets offsets = offsets_of(before);
    Offsets wanted;
    for (NodeId node : targets) wanted[node] = offsets[node] + steps[node];
    Map evidence;
    evidence["intention"] = intention;
    evidence["steps_ns"] = nanoseconds_of(steps);
    evidence["offsets_before_ns"] = nanoseconds_of(offsets);
    evidence["roles_before"] = roles_of(before);
    auto act = [&cluster, steps](NodeId node, Cluster::Act done) {
      cluster.step_clock(node, steps.at(node), std::move(done));
    };
    set_clocks(cluster, FaultReport{kind, names_of(targets), true, false, std::move(evidence)},
               targets, act, std::move(wanted), complete);
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string option = options.text("targets");
  std::int64_t largest = nanoseconds(options.duration("max-step"));
  return [option, largest](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["max_step_ns"] = largest;
    return Value(std::move(map));
  };
}

void mend(FaultScene& scene, Complete complete) { reset_clocks(kind, scene, std::move(complete)); }

}  // namespace

void add_clock(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary = "makes wall clocks jump, later sets them right",
          .needs = {Ability::clocks},
          .options = {targets_option(),
                      {"max-step", OptionSpec::Kind::duration, "10s",
                       "the largest jump of a clock, either way; the smallest is 100ms"}},
          .in_swarm = true,
      },
      {begin_verb, end_verb, intention, bump, mend}));
}

}  // namespace sunder
