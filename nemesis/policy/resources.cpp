#include "nemesis/policy/resources.h"

#include <algorithm>
#include <map>
#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;
using Uses = std::map<NodeId, ResourceUse>;

/// One op, under way.
struct Scarcity {
  const ResourceFault& fault;
  Cluster& cluster;
  std::vector<NodeId> nodes;
  FaultReport report;
  Complete complete;
  std::int64_t amount = 0;
  Uses usual{};  // before the fault
  Uses uses{};
  std::vector<std::string> errors{};
};
using ScarcityPtr = std::shared_ptr<Scarcity>;

Value describe_use(const ResourceUse& use) {
  Map map;
  map["limit"] = use.after.limit;
  map["used_before"] = use.before.used;
  map["used"] = use.after.used;
  map["refused_before"] = use.before.refused;
  map["refused"] = use.after.refused;
  map["window_ns"] = (use.after.at - use.before.at).count();
  if (!use.after.refusal.empty()) map["refusal"] = use.after.refusal;
  return map;
}

Value describe_use(const Uses& uses) {
  Map map;
  for (const auto& [node, use] : uses) map[to_string(node)] = describe_use(use);
  return map;
}

// A dead node uses nothing and is refused nothing: what is measured around it proves nothing.
bool in_right_state(const ResourceFault& fault, const NodeReport& report) {
  if (!fault.ends_processes) return report.process == ProcessState::running;
  return report.process == ProcessState::stopped && report.ended == "signal 9";
}

bool has_struck(const Scarcity& act, const Reports& reports) {
  return std::all_of(act.nodes.begin(), act.nodes.end(), [&](NodeId node) {
    auto use = act.uses.find(node);
    if (use == act.uses.end() || use->second.after.limit < 0) return false;
    return act.fault.bites(use->second) &&
           std::any_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
             return report.node == node && in_right_state(act.fault, report);
           });
  });
}

bool has_ended(const Scarcity& act, const Reports& reports) {
  auto is_free = [](const auto& entry) {
    return entry.second.after.limit < 0 && entry.second.after.refusal.empty();
  };
  bool limited = std::any_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
    return std::find(report.limited.begin(), report.limited.end(),
                     to_string(act.fault.resource)) != report.limited.end() ||
           (act.fault.ends_processes && report.process == ProcessState::stopped);
  });
  return !limited && act.uses.size() == act.nodes.size() &&
         std::all_of(act.uses.begin(), act.uses.end(), is_free);
}

void conclude_scarcity(const ScarcityPtr& act) {
  act->cluster.survey([act](const Reports& reports) {
    FaultReport& report = act->report;
    bool proved = report.on ? has_struck(*act, reports) : has_ended(*act, reports);
    report.confirmed = proved && act->errors.empty();
    report.evidence.map()["measured"] = describe_use(act->uses);
    report.evidence.map()["processes"] = processes_of(reports);
    if (act->fault.ends_processes) report.evidence.map()["endings"] = endings_of(reports);
    if (!act->errors.empty()) report.evidence.map()["errors"] = to_list(act->errors);
    act->complete(outcome_of(report));
  });
}

void measure_all(const ScarcityPtr& act, Uses Scarcity::*uses,
                 const std::function<void(const ScarcityPtr&)>& then) {
  auto one = [act, uses](NodeId node, Cluster::Act done) {
    act->cluster.measure(node, act->fault.resource, act->fault.window,
                         [act, uses, node, done](const Result<ResourceUse>& use) {
                           if (!use) return done(use.error());
                           ((*act).*uses)[node] = *use;
                           done(Done{});
                         });
  };
  act_on_all(act->nodes, one, [act, then](const std::vector<std::string>& errors) {
    act->errors.insert(act->errors.end(), errors.begin(), errors.end());
    then(act);
  });
}

void compare(const ScarcityPtr& act) {
  for (auto& [node, use] : act->uses) {
    auto usual = act->usual.find(node);
    if (usual != act->usual.end()) use.before = usual->second.after;
  }
  conclude_scarcity(act);
}

void impose_limits(const ScarcityPtr& act) {
  auto limit = [act](NodeId node, Cluster::Act done) {
    act->cluster.limit(node, act->fault.resource, act->amount, std::move(done));
  };
  act_on_all(act->nodes, limit, [act](const std::vector<std::string>& errors) {
    if (errors.size() == act->nodes.size()) return act->complete(Outcome::fail(errors.front()));
    act->errors.insert(act->errors.end(), errors.begin(), errors.end());
    measure_all(act, &Scarcity::uses, compare);
  });
}

std::int64_t amount_of(const Value& value) {
  const Value* stated = value.find("amount");
  return stated != nullptr && stated->is_integer() ? stated->integer() : 0;
}

void begin_scarcity(const ResourceFault& fault, const Op& op, FaultScene& scene,
                    const Complete& complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  std::int64_t amount = amount_of(op.value);
  cluster.survey([&fault, &cluster, &scene, intention, amount, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_running(intention, before, scene.rng);
    if (targets.empty()) return complete(Outcome::fail("no node is running"));
    if (fault.ends_processes) targets = afford(scene, fault.name, targets, before);
    if (targets.empty()) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["intention"] = intention;
    evidence["amount"] = amount;
    evidence["roles_before"] = roles_of(before);
    FaultReport report{fault.name, names_of(targets), true, false, std::move(evidence)};
    auto act = std::make_shared<Scarcity>(
        Scarcity{fault, cluster, targets, std::move(report), complete, amount});
    if (!fault.compares) return impose_limits(act);
    measure_all(act, &Scarcity::usual, impose_limits);
  });
}

void end_scarcity(const ResourceFault& fault, FaultScene& scene, const Complete& complete) {
  Cluster& cluster = scene.cluster;
  cluster.survey([&fault, &cluster, &scene, complete](const Reports& before) {
    std::vector<NodeId> limited;
    for (const NodeReport& node : before) {
      bool has = std::find(node.limited.begin(), node.limited.end(),
                           to_string(fault.resource)) != node.limited.end();
      if (has) limited.push_back(node.node);
    }
    std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
    FaultReport report{fault.name, names_of(limited), false, false, Map{}};
    auto mended = [&scene, &fault, complete](Outcome outcome) {
      if (outcome.phase == Phase::ok) release(scene, fault.name);
      complete(std::move(outcome));
    };
    auto act = std::make_shared<Scarcity>(Scarcity{fault, cluster, all, std::move(report), mended});
    auto free = [act](NodeId node, Cluster::Act done) {
      act->cluster.unlimit(node, act->fault.resource, [act, node, done](const Status& lifted) {
        if (!lifted || !act->fault.ends_processes) return done(lifted);
        act->cluster.start(node, done);
      });
    };
    act_on_all(all, free, [act](const std::vector<std::string>& errors) {
      act->errors = errors;
      measure_all(act, &Scarcity::uses, conclude_scarcity);
    });
  });
}

}  // namespace

Nemesis resource_nemesis(const ResourceFault& the_fault) {
  // One for all: ops that are under way refer to it.
  auto fault = std::make_shared<const ResourceFault>(the_fault);
  std::string begin_verb = "exhaust-" + fault->name;
  std::string end_verb = "restore-" + fault->name;
  auto schedule = [fault, begin_verb, end_verb](const NemesisConfig& config) {
    std::string option = config.options.text("targets");
    std::int64_t amount = fault->amount(config.options);
    auto intention = [option, amount](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(option, rng);
      map["amount"] = amount;
      return Value(std::move(map));
    };
    return on_off_schedule(config, {fault->name, begin_verb, end_verb, intention});
  };
  std::vector<OptionSpec> options{targets_option()};
  options.insert(options.end(), fault->options.begin(), fault->options.end());
  return Nemesis{
      .name = fault->name,
      .summary = fault->summary,
      .needs = {Ability::processes, Ability::resources},
      .options = std::move(options),
      .verbs = {begin_verb, end_verb},
      .schedule = schedule,
      .recovery = [end_verb](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply =
          [fault, begin_verb](const Op& op, FaultScene& scene, Complete complete) {
            auto keeps = [fault, complete = std::move(complete)](Outcome outcome) {
              complete(std::move(outcome));
            };
            if (op.verb == begin_verb) return begin_scarcity(*fault, op, scene, keeps);
            end_scarcity(*fault, scene, keeps);
          },
      .in_all = false,
  };
}

}  // namespace sunder
