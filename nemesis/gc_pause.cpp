// Pauses as garbage collectors make them: most are short, a few very long, and many about as long
// as the time-outs that leases and elections rest on. The node does not learn that time has passed.

#include <algorithm>
#include <map>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/processes.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "gc-pause";
constexpr const char* bout_verb = "gc-pause";
constexpr const char* end_verb = "resume";
constexpr Duration shortest = std::chrono::milliseconds(20);

// Every second pause is a little shorter or longer than the time-out, as long, or twice as long;
// the others follow Pareto's law of exponent one: twice as long is half as likely.
Duration draw_length(Duration around, Duration longest, Rng& rng) {
  if (rng.chance({1, 2})) {
    Duration little = around / 20;
    Duration base = rng.chance({1, 4}) ? 2 * around : around;
    return std::min(longest, base + rng.between(-little, little));
  }
  Duration low = shortest;
  while (2 * low <= longest && rng.chance({1, 2})) low *= 2;
  return std::min(longest, rng.between(low, 2 * low));
}

struct Pause {
  Cluster& cluster;
  Duration length;
  std::vector<NodeId> targets;
  std::map<NodeId, Duration> stood_before;
  FaultReport report;
  std::vector<std::string> errors;
  Complete complete;
};

Duration stood_still(const Pause& pause, const NodeReport& report) {
  return report.stood_still - pause.stood_before.at(report.node);
}

bool stood_and_went_on(const Pause& pause, const Reports& reports) {
  return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
    bool struck = pause.stood_before.contains(report.node);
    return !struck || (report.process != ProcessState::paused &&
                       stood_still(pause, report) >= pause.length);
  });
}

void conclude(const std::shared_ptr<Pause>& pause) {
  auto holds = [pause](const Reports& reports) { return stood_and_went_on(*pause, reports); };
  survey_until(pause->cluster, holds, [pause](bool proved, const Reports& after) {
    Map stood;
    for (const NodeReport& report : after) {
      if (!pause->stood_before.contains(report.node)) continue;
      stood[to_string(report.node)] = stood_still(*pause, report).count();
    }
    FaultReport report = pause->report;
    report.confirmed = proved && pause->errors.empty();
    report.evidence.map()["stood_still_ns"] = std::move(stood);
    report.evidence.map()["processes"] = processes_of(after);
    report.evidence.map()["roles_after"] = roles_of(after);
    if (!pause->errors.empty()) report.evidence.map()["errors"] = to_list(pause->errors);
    pause->complete(outcome_of(report));
  });
}

void resume(const std::shared_ptr<Pause>& pause) {
  auto act = [pause](NodeId node, Cluster::Act done) {
    pause->cluster.resume(node, std::move(done));
  };
  act_on_all(pause->targets, act, [pause](const std::vector<std::string>& errors) {
    pause->errors.insert(pause->errors.end(), errors.begin(), errors.end());
    conclude(pause);
  });
}

void stand_still(const std::shared_ptr<Pause>& pause) {
  auto act = [pause](NodeId node, Cluster::Act done) {
    pause->cluster.pause(node, std::move(done));
  };
  act_on_all(pause->targets, act, [pause](const std::vector<std::string>& errors) {
    if (errors.size() == pause->targets.size()) {
      return pause->complete(Outcome::fail(errors.front()));
    }
    pause->errors = errors;
    pause->cluster.after(pause->length, [pause] { resume(pause); });
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  const Value* stated = op.value.find("length_ns");
  Duration length = shortest;
  if (stated != nullptr && stated->is_integer()) length = Duration{stated->integer()};
  complete = releasing(scene, kind, std::move(complete));
  cluster.survey([&cluster, &scene, intention, length, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_affordable(scene, kind, intention, before, complete);
    if (targets.empty()) return;
    Map evidence;
    evidence["intention"] = intention;
    evidence["roles_before"] = roles_of(before);
    evidence["length_ns"] = length.count();
    FaultReport report{kind, names_of(targets), true, false, std::move(evidence), true};
    auto pause = std::make_shared<Pause>(Pause{cluster, length, targets, {}, report, {}, complete});
    for (const NodeReport& node : before) {
      bool struck = std::find(targets.begin(), targets.end(), node.node) != targets.end();
      if (struck) pause->stood_before[node.node] = node.stood_still;
    }
    stand_still(pause);
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("targets");
  Duration around = config.options.duration("around");
  Duration longest = std::max(config.options.duration("longest"), shortest);
  auto intention = [option, around, longest](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["length_ns"] = draw_length(around, longest, rng).count();
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, bout_verb, "", intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == bout_verb) return begin(op, scene, std::move(complete));
  restore_processes({.name = kind,
                     .struck = ProcessState::paused,
                     .restore = &Cluster::resume},
                    scene, std::move(complete));
}

}  // namespace

void add_gc_pause(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "stops node processes for as long as garbage collectors do: mostly short, at "
                 "times very long",
      .needs = {Ability::processes},
      .options = {targets_option(),
                  {"around", OptionSpec::Kind::duration, "300ms",
                   "every second pause is about this long: a lease or election time-out"},
                  {"longest", OptionSpec::Kind::duration, "10s", "the longest pause of all"}},
      .verbs = {bout_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  });
}

}  // namespace sunder
