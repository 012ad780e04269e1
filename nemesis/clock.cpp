// Clock faults: wall clocks jump, forwards or backwards, and are set right again.

#include <algorithm>
#include <map>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;
using Steps = std::map<NodeId, Duration>;

constexpr const char* kind = "clock";
constexpr const char* begin_verb = "bump-clock";
constexpr const char* end_verb = "reset-clock";

// Steps are well above what reading a clock over a network may be wrong by.
constexpr Duration step_least = std::chrono::milliseconds(100);
constexpr Duration tolerance = std::chrono::milliseconds(50);

bool near(Duration a, Duration b) { return a - b <= tolerance && b - a <= tolerance; }

// Every order of magnitude up to the largest is equally likely, and so is either direction.
Duration draw_step(Duration largest, Rng& rng) {
  std::uint64_t doublings = 0;
  while (doublings < 40 && step_least * (1LL << (doublings + 1)) <= largest) ++doublings;
  Duration low = step_least * (1LL << rng.below(doublings + 1));
  Duration step = rng.between(low, std::max(low, std::min(largest, 2 * low)));
  return rng.chance({1, 2}) ? step : -step;
}

Value nanoseconds_of(const Steps& by_node) {
  Map map;
  for (const auto& [node, duration] : by_node) map[to_string(node)] = duration.count();
  return map;
}

Steps offsets_of(const Reports& reports) {
  Steps offsets;
  for (const NodeReport& report : reports) offsets[report.node] = report.clock_offset;
  return offsets;
}

// Acts on the nodes, waits until their offsets are as wanted and completes the op.
void carry_out(Cluster& cluster, FaultReport report, const std::vector<NodeId>& nodes,
               const ActOn& act, Steps wanted, Complete complete) {
  act_on_all(nodes, act, [&cluster, report = std::move(report), count = nodes.size(),
                          wanted = std::move(wanted), complete = std::move(complete)](
                             const std::vector<std::string>& errors) {
    if (count > 0 && errors.size() == count) return complete(Outcome::fail(errors.front()));
    auto as_wanted = [wanted](const Reports& reports) {
      return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& node) {
        auto found = wanted.find(node.node);
        return found == wanted.end() || near(node.clock_offset, found->second);
      });
    };
    survey_until(cluster, as_wanted, [report, errors, complete](bool holds, const Reports& after) {
      FaultReport done = report;
      done.confirmed = holds && errors.empty();
      done.evidence.map()["offsets_after_ns"] = nanoseconds_of(offsets_of(after));
      if (!errors.empty()) done.evidence.map()["errors"] = to_list(errors);
      complete(outcome_of(done));
    });
  });
}

void bump(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  Rng& rng = scene.rng;
  std::string intention = intention_of(op.value, "targets", "one");
  const Value* stated = op.value.find("max_step_ns");
  Duration largest{stated != nullptr && stated->is_integer() ? stated->integer()
                                                             : nanoseconds(step_least)};
  cluster.survey([&cluster, &rng, intention, largest, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_targets(intention, before, rng);
    Steps steps;
    for (NodeId node : targets) steps[node] = draw_step(largest, rng);
    Steps offsets = offsets_of(before);
    Steps wanted;
    for (NodeId node : targets) wanted[node] = offsets[node] + steps[node];
    Map evidence;
    evidence["intention"] = intention;
    evidence["steps_ns"] = nanoseconds_of(steps);
    evidence["offsets_before_ns"] = nanoseconds_of(offsets);
    evidence["roles_before"] = roles_of(before);
    auto act = [&cluster, steps](NodeId node, Cluster::Act done) {
      cluster.step_clock(node, steps.at(node), std::move(done));
    };
    carry_out(cluster, FaultReport{kind, names_of(targets), true, false, std::move(evidence)},
              targets, act, std::move(wanted), complete);
  });
}

void reset(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.survey([&cluster, complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> all;
    std::vector<NodeId> bent;
    Steps wanted;
    for (const NodeReport& report : before) {
      all.push_back(report.node);
      if (!near(report.clock_offset, Duration{0})) bent.push_back(report.node);
      wanted[report.node] = Duration{0};
    }
    Map evidence;
    evidence["offsets_before_ns"] = nanoseconds_of(offsets_of(before));
    auto act = [&cluster](NodeId node, Cluster::Act done) {
      cluster.reset_clock(node, std::move(done));
    };
    carry_out(cluster, FaultReport{kind, names_of(bent), false, false, std::move(evidence)}, all,
              act, std::move(wanted), complete);
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("targets");
  std::int64_t largest = nanoseconds(config.options.duration("max-step"));
  auto intention = [option, largest](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["max_step_ns"] = largest;
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, begin_verb, end_verb, intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == begin_verb) return bump(op, scene, std::move(complete));
  reset(scene, std::move(complete));
}

}  // namespace

void add_clock(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "makes wall clocks jump, later sets them right",
      .needs = {Ability::clocks},
      .options = {targets_option(),
                  {"max-step", OptionSpec::Kind::duration, "10s",
                   "the largest jump of a clock, either way; the smallest is 100ms"}},
      .verbs = {begin_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
  });
}

}  // namespace sunder
