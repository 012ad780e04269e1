#include "nemesis/policy/disk_rules.h"

#include <algorithm>
#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/disk_damage.h"
#include "nemesis/policy/link_fault.h"
#include "nemesis/policy/processes.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr int looks_most = 20;  // evidence_pause apart, until every disk has struck

/// A count that a disk's report has of a rule; 0 without one.
std::int64_t count_of(const Value& rules, const std::string& name, std::string_view what) {
  if (!rules.is_list()) return 0;
  for (const Value& rule : rules.list()) {
    const Value* called = rule.find("rule");
    const Value* count = rule.find(what);
    if (called == nullptr || count == nullptr || *called != Value(name)) continue;
    if (count->is_integer()) return count->integer();
  }
  return 0;
}

/// One op under way.
struct Act {
  Cluster& cluster;
  std::string name;
  bool rereads;
  std::vector<NodeId> nodes;
  FaultReport report;
  Complete complete;
  Map rule{};
  std::map<NodeId, std::int64_t> struck{};
  std::vector<std::string> errors{};
  int looks = 0;
};
using ActPtr = std::shared_ptr<Act>;

/// Asks all nodes of the act; `then` comes after the last answer.
template <class Ask>
void ask_all(const ActPtr& act, Ask ask, std::function<void()> then) {
  auto awaited = std::make_shared<std::size_t>(act->nodes.size());
  for (NodeId node : act->nodes) {
    ask(node, [act, node, awaited, then](const Result<Value>& rules) {
      const char* what = act->rereads ? "altered" : "struck";
      if (rules) act->struck[node] = count_of(*rules, act->name, what);
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
    act->report.confirmed = struck && act->errors.empty();
    act->report.evidence.map()["struck"] = struck_of(*act);
    if (!act->errors.empty()) act->report.evidence.map()["errors"] = to_list(act->errors);
    act->complete(outcome_of(act->report));
  });
}

/// Which of the operations on a disk a rule strikes.
std::vector<OptionSpec> occurrence_options(bool any_operation) {
  using Kind = OptionSpec::Kind;
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::vector<OptionSpec> options = {
      {"path", Kind::text, "*", "the files that it strikes: a pattern, in which * matches / too"},
      {"from", Kind::integer, "1", "the first of the matching operations that it strikes", {},
       false, 1, most},
      {"times", Kind::integer, "0", "how many it strikes at most; 0: as many as come", {}, false, 0,
       most},
      percent_option("chance", "100", "the share of them that it strikes, in percent")};
  if (!any_operation) return options;
  options.push_back({"operation", Kind::choice, "usual",
                     "what it strikes in place of what such a fault usually does",
                     {"usual", "open", "create", "read", "write", "fsync", "truncate", "mkdir",
                      "unlink", "rmdir", "rename", "link", "list"}});
  return options;
}

Map narrowed(Map rule, const Options& options, bool any_operation) {
  // What says nothing beyond the usual is left out: the op stays as people read it.
  if (options.text("path") != "*") rule["path"] = options.text("path");
  if (options.integer("from") > 1) rule["from"] = options.integer("from");
  if (options.integer("times") > 0) rule["times"] = options.integer("times");
  if (options.integer("chance") < 100) rule["chance"] = List{options.integer("chance"), 100};
  if (!any_operation || options.text("operation") == "usual") return rule;
  rule["operations"] = List{options.text("operation")};
  return rule;
}

Map rule_of(const Value& value, const std::string& name) {
  const Value* found = value.find("rule");
  Map rule = found != nullptr && found->is_map() ? found->map() : Map{};
  rule["rule"] = name;
  return rule;
}

using ActOnNode = std::function<void(NodeId, Cluster::Act)>;

/// Acts on all nodes of the act and notes what failed; `then` comes after the last.
void on_all_nodes(const ActPtr& act, const ActOnNode& each, const std::function<void()>& then) {
  act_on_all(act->nodes, each, [act, then](const std::vector<std::string>& errors) {
    act->errors.insert(act->errors.end(), errors.begin(), errors.end());
    then();
  });
}

void bend(const ActPtr& act, const std::function<void()>& then) {
  auto impose = [act](NodeId node, Cluster::Act done) {
    act->cluster.bend_disk(node, act->rule, std::move(done));
  };
  on_all_nodes(act, impose, then);
}

/// The snapshot is taken, gets old, and is what nodes read that start.
void bend_reads(const ActPtr& act, Duration age) {
  act->rule["snapshot"] = act->name;
  auto keep = [act](NodeId node, Cluster::Act done) {
    Map request;
    request["do"] = "snapshot";
    request["name"] = act->name;
    act->cluster.change_disk(node, std::move(request), [done](const Result<Value>& kept) {
      done(kept ? Status(Done{}) : Status(kept.error()));
    });
  };
  auto kill = [act](NodeId node, Cluster::Act done) { act->cluster.kill(node, std::move(done)); };
  auto start = [act](NodeId node, Cluster::Act done) { act->cluster.start(node, std::move(done)); };
  on_all_nodes(act, keep, [=] {
    act->cluster.after(age, [=] {
      on_all_nodes(act, kill, [=] {
        bend(act, [=] { on_all_nodes(act, start, [=] { look(act); }); });
      });
    });
  });
}

void start(const DiskFault& fault, const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string whom = intention_of(op.value, "targets", "one");
  Map rule = rule_of(op.value, fault.name);
  Duration age = age_of(op.value);
  cluster.survey([=, &cluster, &scene, name = fault.name, rereads = fault.rereads,
                  complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> targets = choose_affordable(scene, name, whom, before, complete);
    if (targets.empty()) return;
    Map evidence;
    evidence["intention"] = whom;
    evidence["roles_before"] = roles_of(before);
    FaultReport report{name, names_of(targets), true, false, std::move(evidence)};
    auto act = std::make_shared<Act>(
        Act{cluster, name, rereads, targets, std::move(report), complete, rule});
    if (rereads) return bend_reads(act, age);
    bend(act, [act] { look(act); });
  });
}

void stop(const DiskFault& fault, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
  auto act = std::make_shared<Act>(
      Act{cluster, fault.name, fault.rereads, std::move(all), {}, std::move(complete)});
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
  std::vector<OptionSpec> options = {targets_option(fault.rereads ? "one" : "mix")};
  options.insert(options.end(), fault.options.begin(), fault.options.end());
  if (fault.rereads) options.push_back(age_option());
  for (OptionSpec& option : occurrence_options(!fault.rereads)) {
    options.push_back(std::move(option));
  }
  std::string begin = "start-" + fault.name;
  std::string end = "stop-" + fault.name;
  auto schedule = [fault, begin, end](const NemesisConfig& config) {
    auto intention = [fault, options = config.options](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(options.text("targets"), rng);
      map["rule"] = narrowed(fault.rule(options, rng), options, !fault.rereads);
      if (fault.rereads) map["age_ns"] = options.duration("age").count();
      return Value(std::move(map));
    };
    return on_off_schedule(config, {fault.name, begin, end, intention});
  };
  auto apply = [fault, begin](const Op& op, FaultScene& scene, Complete complete) {
    if (op.verb == begin) return start(fault, op, scene, std::move(complete));
    stop(fault, scene, std::move(complete));
  };
  std::set<Ability> needs = {Ability::processes, Ability::disks};
  if (fault.rereads) needs.insert(Ability::stored);
  return Nemesis{
      .name = fault.name,
      .summary = fault.summary,
      .needs = std::move(needs),
      .options = std::move(options),
      .verbs = {begin, end},
      .schedule = schedule,
      .recovery = [end](const NemesisConfig& config) { return recovery_op(config, end); },
      .apply = apply,
      .in_all = false,
  };
}

}  // namespace sunder
