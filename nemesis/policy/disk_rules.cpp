#include "nemesis/policy/disk_rules.h"

#include <algorithm>
#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/processes.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr int looks_most = 20;  // evidence_pause apart, until every disk has struck

/// How often the rule has struck by a disk's report; 0 without one.
std::int64_t struck_by(const Value& rules, const std::string& name) {
  if (!rules.is_list()) return 0;
  for (const Value& rule : rules.list()) {
    const Value* called = rule.find("rule");
    const Value* struck = rule.find("struck");
    if (called == nullptr || struck == nullptr || *called != Value(name)) continue;
    if (struck->is_integer()) return struck->integer();
  }
  return 0;
}

/// One op under way.
struct Act {
  Cluster& cluster;
  std::string name;
  std::vector<NodeId> nodes;
  FaultReport report;
  Complete complete;
  std::map<NodeId, std::int64_t> struck{};
  int looks = 0;
};
using ActPtr = std::shared_ptr<Act>;

/// Asks all nodes of the act; `then` comes after the last answer.
template <class Ask>
void ask_all(const ActPtr& act, Ask ask, std::function<void()> then) {
  auto awaited = std::make_shared<std::size_t>(act->nodes.size());
  for (NodeId node : act->nodes) {
    ask(node, [act, node, awaited, then](const Result<Value>& rules) {
      if (rules) act->struck[node] = struck_by(*rules, act->name);
      if (--*awaited == 0) then();
    });
  }
}

Value struck_of(const Act& act) {
  Map map;
  for (const auto& [node, times] : act.struck) map[to_string(node)] = times;
  return map;
}

bool all_struck(const Act& act) {
  return std::all_of(act.nodes.begin(), act.nodes.end(), [&](NodeId node) {
    auto found = act.struck.find(node);
    return found != act.struck.end() && found->second > 0;
  });
}

void look(const ActPtr& act) {
  auto ask = [act](NodeId node, Cluster::DiskRules done) {
    act->cluster.disk_rules(node, std::move(done));
  };
  ask_all(act, ask, [act] {
    bool struck = all_struck(*act);
    if (!struck && ++act->looks < looks_most) {
      return act->cluster.after(evidence_pause, [act] { look(act); });
    }
    act->report.confirmed = struck;
    act->report.evidence.map()["struck"] = struck_of(*act);
    act->complete(outcome_of(act->report));
  });
}

Map rule_of(const Value& value, const std::string& name) {
  const Value* found = value.find("rule");
  Map rule = found != nullptr && found->is_map() ? found->map() : Map{};
  rule["rule"] = name;
  return rule;
}

void start(const Op& op, FaultScene& scene, const std::string& name, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string whom = intention_of(op.value, "targets", "one");
  Map rule = rule_of(op.value, name);
  cluster.survey([=, &cluster, &scene, complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> targets = choose_running(whom, before, scene.rng);
    if (targets.empty()) return complete(Outcome::fail("every node is stopped or paused already"));
    targets = afford(scene, name, targets, before);
    if (targets.empty()) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["intention"] = whom;
    evidence["roles_before"] = roles_of(before);
    FaultReport report{name, names_of(targets), true, false, std::move(evidence)};
    auto act = std::make_shared<Act>(Act{cluster, name, targets, std::move(report), complete});
    auto bend = [&cluster, rule](NodeId node, Cluster::Act done) {
      cluster.bend_disk(node, rule, std::move(done));
    };
    act_on_all(targets, bend, [act](const std::vector<std::string>& errors) {
      if (!errors.empty()) act->report.evidence.map()["errors"] = to_list(errors);
      look(act);
    });
  });
}

void stop(FaultScene& scene, const std::string& name, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
  auto act = std::make_shared<Act>(Act{cluster, name, std::move(all), {}, std::move(complete)});
  auto lift = [act](NodeId node, Cluster::DiskRules done) {
    act->cluster.straighten_disk(node, act->name, std::move(done));
  };
  ask_all(act, lift, [act, &scene] {
    ProcessFault down{
        .name = act->name, .struck = ProcessState::stopped, .restore = &Cluster::start};
    restore_processes(down, scene, [act](Outcome outcome) {
      bool told = outcome.value.is_map() && outcome.value.map()["evidence"].is_map();
      if (told) outcome.value.map()["evidence"].map()["struck"] = struck_of(*act);
      act->complete(std::move(outcome));
    });
  });
}

}  // namespace

Nemesis disk_nemesis(DiskFault fault) {
  std::vector<OptionSpec> options = {targets_option()};
  options.insert(options.end(), fault.options.begin(), fault.options.end());
  std::string begin = "start-" + fault.name;
  std::string end = "stop-" + fault.name;
  auto schedule = [fault, begin, end](const NemesisConfig& config) {
    auto intention = [fault, options = config.options](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(options.text("targets"), rng);
      map["rule"] = fault.rule(options, rng);
      return Value(std::move(map));
    };
    return on_off_schedule(config, {fault.name, begin, end, intention});
  };
  auto apply = [name = fault.name, begin](const Op& op, FaultScene& scene, Complete complete) {
    if (op.verb == begin) return start(op, scene, name, std::move(complete));
    stop(scene, name, std::move(complete));
  };
  return Nemesis{
      .name = fault.name,
      .summary = fault.summary,
      .needs = {Ability::processes, Ability::disks},
      .options = std::move(options),
      .verbs = {begin, end},
      .schedule = schedule,
      .recovery = [end](const NemesisConfig& config) { return recovery_op(config, end); },
      .apply = apply,
      .in_all = false,
  };
}

}  // namespace sunder
