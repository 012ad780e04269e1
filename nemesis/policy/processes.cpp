#include "nemesis/policy/processes.h"

#include <algorithm>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"
#include "nemesis/policy/watch.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* leader_change = "leader-change";
constexpr const char* freezer = "freezer";

OptionSpec by_option() {
  return {"by", OptionSpec::Kind::choice, "signal",
          "what strikes: a signal or the kernel's freezer", {"signal", freezer}};
}

OptionSpec when_option() {
  return {"when", OptionSpec::Kind::choice, "interval",
          "what a fault waits for: its time, or after that the next new leader",
          {"interval", leader_change}};
}

bool all_struck(const Reports& reports, const std::vector<NodeId>& nodes,
                const ProcessFault& fault) {
  return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
    bool meant = std::find(nodes.begin(), nodes.end(), report.node) != nodes.end();
    if (!meant) return true;
    return report.process == fault.struck && !(fault.by_itself && report.ended == "signal 9");
  });
}

std::vector<NodeId> struck_nodes(const Reports& reports, ProcessState struck) {
  std::vector<NodeId> nodes;
  for (const NodeReport& report : reports) {
    if (report.process == struck) nodes.push_back(report.node);
  }
  return nodes;
}

// Those of the intended nodes that another fault has not stopped already, or else one that it has
// not. A process that is not there can be neither killed nor paused.
std::vector<NodeId> strikeable(std::string_view intention, const Reports& reports, Rng& rng) {
  Reports alive;
  for (const NodeReport& report : reports) {
    if (report.process != ProcessState::stopped) alive.push_back(report);
  }
  std::vector<NodeId> targets = choose_targets(intention, reports, rng);
  std::erase_if(targets, [&](NodeId node) {
    return std::none_of(alive.begin(), alive.end(),
                        [&](const NodeReport& report) { return report.node == node; });
  });
  return targets.empty() ? choose_targets("one", alive, rng) : targets;
}

// Acts on the nodes, waits for the proof and completes the op.
void carry_out(const ProcessFault& fault, Cluster& cluster, FaultReport report,
               const std::vector<NodeId>& nodes, std::function<bool(const Reports&)> proved,
               Complete complete) {
  auto act = report.on ? fault.strike : fault.restore;
  auto act_on = [&cluster, act](NodeId node, Cluster::Act done) {
    (cluster.*act)(node, std::move(done));
  };
  act_on_all(nodes, act_on, [&cluster, fault, report = std::move(report), count = nodes.size(),
                             proved = std::move(proved), complete = std::move(complete)](
                                const std::vector<std::string>& errors) {
    if (count > 0 && errors.size() == count) return complete(Outcome::fail(errors.front()));
    auto seen = [report, errors, fault, complete](bool holds, const Reports& after) {
      FaultReport done = report;
      done.confirmed = holds && errors.empty();
      done.evidence.map()["processes"] = processes_of(after);
      done.evidence.map()["roles_after"] = roles_of(after);
      if (fault.by_itself) done.evidence.map()["endings"] = endings_of(after);
      if (!errors.empty()) done.evidence.map()["errors"] = to_list(errors);
      complete(outcome_of(done));
    };
    survey_until(cluster, proved, seen, fault.attempts);
  });
}

// Strikes in the moment in which the nodes are as in `before`.
void strike_now(const ProcessFault& fault, const std::string& intention, Duration waited,
                FaultScene& scene, const Reports& before, const Complete& complete) {
  std::vector<NodeId> targets = strikeable(intention, before, scene.rng);
  if (targets.empty()) return complete(Outcome::fail("every node is stopped already"));
  if (fault.everyone) {
    if (!afford_all(scene, fault.name, targets)) targets.clear();
  } else {
    targets = afford(scene, fault.name, targets, before);
  }
  if (targets.empty()) return complete(Outcome::fail(over_budget));
  Map evidence;
  evidence["intention"] = intention;
  evidence["roles_before"] = roles_of(before);
  FaultReport report{fault.name, names_of(targets), true, false, std::move(evidence), false,
                     waited};
  auto proved = [targets, fault](const Reports& reports) {
    return all_struck(reports, targets, fault);
  };
  carry_out(fault, scene.cluster, std::move(report), targets, proved, complete);
}

void strike(ProcessFault fault, const Op& op, FaultScene& scene, Complete complete) {
  bool freezes = fault.freeze != nullptr && intention_of(op.value, "by", "signal") == freezer;
  if (freezes) fault.strike = fault.freeze;
  std::string intention = intention_of(op.value, "targets", "one");
  if (intention_of(op.value, "when", "") != leader_change) {
    return scene.cluster.survey([&scene, fault, intention, complete](const Reports& before) {
      strike_now(fault, intention, Duration{0}, scene, before, complete);
    });
  }
  const Value* stated = op.value.find("patience_ns");
  Duration patience = std::chrono::seconds(1);
  if (stated != nullptr && stated->is_integer()) patience = Duration{stated->integer()};
  await_leader_change(scene.cluster, patience,
                      [&scene, fault, intention, complete](const LeaderChange& change) {
                        if (!change.came) return complete(Outcome::fail("no node became leader"));
                        strike_now(fault, intention, change.waited, scene, change.reports,
                                   complete);
                      });
}

}  // namespace

void restore_processes(const ProcessFault& fault, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.survey([&cluster, &scene, fault, complete](const Reports& before) {
    Map evidence;
    evidence["roles_before"] = roles_of(before);
    std::vector<NodeId> struck = struck_nodes(before, fault.struck);
    FaultReport report{fault.name, names_of(struck), false, false, std::move(evidence)};
    std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
    auto proved = [state = fault.struck](const Reports& reports) {
      return struck_nodes(reports, state).empty();
    };
    auto mended = [&scene, fault, complete](Outcome outcome) {
      if (outcome.phase == Phase::ok) release(scene, fault.name);
      complete(std::move(outcome));
    };
    carry_out(fault, cluster, std::move(report), all, proved, mended);
  });
}

Nemesis process_nemesis(const ProcessFault& fault) {
  auto schedule = [fault](const NemesisConfig& config) {
    std::string option = fault.everyone ? "all" : config.options.text("targets");
    bool on_change = !fault.everyone && config.options.text("when") == leader_change;
    bool freezes = fault.freeze != nullptr && config.options.text("by") == freezer;
    auto intention = [option, on_change, freezes, patience = 2 * config.interval](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(option, rng);
      if (freezes) map["by"] = freezer;
      if (on_change) {
        map["when"] = leader_change;
        map["patience_ns"] = patience.count();
      }
      return Value(std::move(map));
    };
    return on_off_schedule(config, {fault.name, fault.begin, fault.end, intention});
  };
  auto apply = [fault](const Op& op, FaultScene& scene, Complete complete) {
    if (op.verb == fault.begin) return strike(fault, op, scene, std::move(complete));
    restore_processes(fault, scene, std::move(complete));
  };
  std::vector<OptionSpec> options;
  if (!fault.everyone) options = {targets_option(), when_option()};
  std::function<std::set<Ability>(const Options&)> needs_for;
  if (fault.freeze != nullptr) {
    options.push_back(by_option());
    needs_for = [](const Options& chosen) {
      return chosen.text("by") == freezer ? std::set{Ability::freezer} : std::set<Ability>{};
    };
  }
  return Nemesis{
      .name = fault.name,
      .summary = fault.summary,
      .needs = {Ability::processes},
      .options = std::move(options),
      .verbs = {fault.begin, fault.end},
      .schedule = schedule,
      .recovery = [fault](const NemesisConfig& config) { return recovery_op(config, fault.end); },
      .apply = apply,
      .needs_for = std::move(needs_for),
      .in_all = fault.in_all,
      .in_swarm = true,
  };
}

}  // namespace sunder
