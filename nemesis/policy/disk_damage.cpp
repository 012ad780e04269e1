#include "nemesis/policy/disk_damage.h"

#include <algorithm>
#include <map>
#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/processes.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr std::size_t listed_most = 8;  // changes of one disk; all are in the node's disk.jsonl
constexpr Duration age_default = std::chrono::seconds(2);

/// One op under way.
struct Harming {
  const DiskDamage& damage;
  FaultScene& scene;
  Map act;
  std::vector<NodeId> nodes;
  FaultReport report;
  Complete complete;
  std::map<NodeId, Value> answers{};
  std::vector<std::string> errors{};
};
using HarmingPtr = std::shared_ptr<Harming>;

std::int64_t integer_of(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}

/// A disk's answer without what only the harness asked for, its lists cut to what people read.
Value summary_of(const Value& answer) {
  Map map;
  if (!answer.is_map()) return map;
  for (const auto& [key, value] : answer.map()) {
    if (!key.is_text() || key.text() == "id" || key.text() == "ok") continue;
    Value shown = value;
    if (shown.is_list() && shown.list().size() > listed_most) shown.list().resize(listed_most);
    map.set(key, std::move(shown));
  }
  return map;
}

Value answers_of(const Harming& harming) {
  Map map;
  for (const auto& [node, answer] : harming.answers) map[to_string(node)] = summary_of(answer);
  return map;
}

void add_errors(Harming& harming, const std::vector<std::string>& errors) {
  harming.errors.insert(harming.errors.end(), errors.begin(), errors.end());
}

/// Asks the disks of all nodes of the op; their answers are kept.
void ask_disks(const HarmingPtr& harming, const std::function<Map(NodeId)>& act,
               std::function<void(std::vector<std::string>)> then) {
  auto ask = [harming, act](NodeId node, Cluster::Act done) {
    harming->scene.cluster.change_disk(node, act(node),
                                       [harming, node, done](const Result<Value>& answer) {
                                         if (!answer) return done(answer.error());
                                         harming->answers[node] = *answer;
                                         done(Done{});
                                       });
  };
  act_on_all(harming->nodes, ask, std::move(then));
}

bool all_changed(const Harming& harming) {
  return std::all_of(harming.nodes.begin(), harming.nodes.end(), [&](NodeId node) {
    auto answer = harming.answers.find(node);
    return answer != harming.answers.end() && integer_of(answer->second, "changed") > 0;
  });
}

/// A node that was started runs in the end, or refuses to: both are seen, and neither is demanded.
void conclude(const HarmingPtr& harming) {
  auto settled = [nodes = harming->nodes](const Reports& reports) {
    return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
      bool meant = std::find(nodes.begin(), nodes.end(), report.node) != nodes.end();
      return !meant || report.reachable || report.process == ProcessState::stopped;
    });
  };
  survey_until(harming->scene.cluster, settled, [harming](bool, const Reports& after) {
    FaultReport& report = harming->report;
    report.confirmed = harming->errors.empty() && all_changed(*harming);
    Map& evidence = report.evidence.map();
    evidence["disks"] = answers_of(*harming);
    evidence["processes"] = processes_of(after);
    evidence["endings"] = endings_of(after);
    if (!harming->errors.empty()) evidence["errors"] = to_list(harming->errors);
    harming->complete(outcome_of(report));
  });
}

void start_again(const HarmingPtr& harming) {
  Cluster& cluster = harming->scene.cluster;
  auto start = [&cluster](NodeId node, Cluster::Act done) { cluster.start(node, std::move(done)); };
  act_on_all(harming->nodes, start, [harming](const std::vector<std::string>& errors) {
    add_errors(*harming, errors);
    conclude(harming);
  });
}

void strike(const HarmingPtr& harming) {
  Cluster& cluster = harming->scene.cluster;
  auto kill = [&cluster](NodeId node, Cluster::Act done) { cluster.kill(node, std::move(done)); };
  act_on_all(harming->nodes, kill, [harming](const std::vector<std::string>& errors) {
    if (errors.size() == harming->nodes.size()) {
      return harming->complete(Outcome::fail(errors.front()));
    }
    add_errors(*harming, errors);
    auto act = [harming](NodeId) {
      Map with_seed = harming->act;
      with_seed["seed"] = static_cast<std::int64_t>(harming->scene.rng.next() >> 1);
      return with_seed;
    };
    ask_disks(harming, act, [harming](const std::vector<std::string>& refusals) {
      add_errors(*harming, refusals);
      start_again(harming);
    });
  });
}

void age(const HarmingPtr& harming, Duration age) {
  auto keep = [harming](NodeId) {
    Map act;
    act["do"] = "snapshot";
    act["name"] = harming->damage.snapshot;
    return act;
  };
  ask_disks(harming, keep, [harming, age](const std::vector<std::string>& errors) {
    if (!errors.empty()) return harming->complete(Outcome::fail(errors.front()));
    harming->answers.clear();
    harming->scene.cluster.after(age, [harming] { strike(harming); });
  });
}

void begin(const DiskDamage& damage, const Op& op, FaultScene& scene, Complete complete) {
  std::string whom = intention_of(op.value, "targets", "one");
  const Value* asked = op.value.find("act");
  Map act = asked != nullptr && asked->is_map() ? asked->map() : Map{};
  Duration old = age_of(op.value);
  bool over = damage.mend.empty();
  if (over) complete = releasing(scene, damage.name, std::move(complete));
  scene.cluster.survey([=, &damage, &scene](const Reports& before) {
    std::vector<NodeId> targets = choose_affordable(scene, damage.name, whom, before, complete);
    if (targets.empty()) return;
    Map evidence;
    evidence["intention"] = whom;
    evidence["roles_before"] = roles_of(before);
    FaultReport report{damage.name, names_of(targets), true, false, std::move(evidence), over};
    auto harming = std::make_shared<Harming>(
        Harming{damage, scene, act, targets, std::move(report), complete});
    if (damage.snapshot.empty()) return strike(harming);
    age(harming, old);
  });
}

void restart(const DiskDamage& damage, FaultScene& scene, const Value& disks, Complete complete) {
  ProcessFault down{
      .name = damage.name, .struck = ProcessState::stopped, .restore = &Cluster::start};
  restore_processes(down, scene, [disks, complete = std::move(complete)](Outcome outcome) {
    bool told = outcome.value.is_map() && outcome.value.map()["evidence"].is_map();
    if (told && !disks.map().empty()) outcome.value.map()["evidence"].map()["disks"] = disks;
    complete(std::move(outcome));
  });
}

void end(const DiskDamage& damage, FaultScene& scene, Complete complete) {
  if (damage.mend.empty()) return restart(damage, scene, Map{}, std::move(complete));
  std::vector<NodeId> all(scene.cluster.nodes().begin(), scene.cluster.nodes().end());
  auto mending = std::make_shared<Harming>(Harming{damage, scene, {}, all, {}, complete});
  auto mend = [&damage](NodeId) {
    Map act;
    act["do"] = "mend";
    act["what"] = damage.mend;
    return act;
  };
  ask_disks(mending, mend, [mending](const std::vector<std::string>& errors) {
    if (!errors.empty()) return mending->complete(Outcome::info(errors.front()));
    std::erase_if(mending->answers, [](const auto& one) {
      return integer_of(one.second, "mended") + integer_of(one.second, "overwritten") == 0;
    });
    restart(mending->damage, mending->scene, answers_of(*mending), mending->complete);
  });
}

}  // namespace

OptionSpec age_option() {
  return {"age", OptionSpec::Kind::duration, format_duration(age_default),
          "how old what the disk shows then is"};
}

Duration age_of(const Value& value) {
  Duration stated{integer_of(value, "age_ns")};
  return stated > Duration{0} ? stated : age_default;
}

Nemesis disk_damage_nemesis(DiskDamage the_damage) {
  // One for all: ops that are under way refer to it.
  auto damage = std::make_shared<const DiskDamage>(std::move(the_damage));
  std::string end_verb = "mend-" + damage->name;
  auto schedule = [damage, end_verb](const NemesisConfig& config) {
    auto intention = [damage, options = config.options](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(options.text("targets"), rng);
      map["act"] = damage->act(options);
      if (!damage->snapshot.empty()) map["age_ns"] = options.duration("age").count();
      return Value(std::move(map));
    };
    std::string until = damage->mend.empty() ? "" : end_verb;
    return on_off_schedule(config, {damage->name, damage->begin, until, intention});
  };
  std::vector<OptionSpec> options = {targets_option("one")};
  options.insert(options.end(), damage->options.begin(), damage->options.end());
  if (!damage->snapshot.empty()) options.push_back(age_option());
  return Nemesis{
      .name = damage->name,
      .summary = damage->summary,
      .needs = {Ability::processes, Ability::stored},
      .options = std::move(options),
      .verbs = {damage->begin, end_verb},
      .schedule = schedule,
      .recovery = [end_verb](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply =
          [damage](const Op& op, FaultScene& scene, Complete complete) {
            // The op keeps alive what it refers to.
            auto keeps = [damage, complete = std::move(complete)](Outcome outcome) {
              complete(std::move(outcome));
            };
            if (op.verb == damage->begin) return begin(*damage, op, scene, keeps);
            end(*damage, scene, keeps);
          },
      .in_all = false,
  };
}

}  // namespace sunder
