// Crash loops: a process that is started again each time it dies, and dies again, sometimes before
// it has come up. What it does first, it does many times.

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

constexpr const char* kind = "crash-loop";
constexpr const char* bout_verb = "crash-loop";
constexpr const char* end_verb = "start";
constexpr Duration shortest_life = std::chrono::milliseconds(10);
constexpr std::uint64_t life_doublings = 7;  // up to some two and a half seconds

struct Loop {
  Cluster& cluster;
  Rng& rng;
  std::int64_t deaths = 0;
  std::vector<NodeId> targets;
  std::map<NodeId, std::int64_t> starts_before;
  FaultReport report;
  Complete complete;
  std::vector<std::string> errors{};
  std::int64_t died = 0;
};

void note(Loop& loop, const std::vector<std::string>& errors) {
  loop.errors.insert(loop.errors.end(), errors.begin(), errors.end());
}

void conclude(const std::shared_ptr<Loop>& loop) {
  auto holds = [loop](const Reports& reports) {
    return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
      auto before = loop->starts_before.find(report.node);
      return before == loop->starts_before.end() ||
             (report.process == ProcessState::running &&
              report.starts >= before->second + loop->deaths);
    });
  };
  survey_until(loop->cluster, holds, [loop](bool proved, const Reports& after) {
    FaultReport report = loop->report;
    report.confirmed = proved && loop->errors.empty();
    report.evidence.map()["starts_after"] = starts_of(after);
    report.evidence.map()["processes"] = processes_of(after);
    report.evidence.map()["roles_after"] = roles_of(after);
    if (!loop->errors.empty()) report.evidence.map()["errors"] = to_list(loop->errors);
    loop->complete(outcome_of(report));
  });
}

void die(const std::shared_ptr<Loop>& loop);

void live(const std::shared_ptr<Loop>& loop) {
  auto act = [loop](NodeId node, Cluster::Act done) {
    loop->cluster.start(node, std::move(done));
  };
  act_on_all(loop->targets, act, [loop](const std::vector<std::string>& errors) {
    note(*loop, errors);
    if (++loop->died == loop->deaths) return conclude(loop);
    Duration least = shortest_life * (1LL << loop->rng.below(life_doublings + 1));
    loop->cluster.after(loop->rng.between(least, 2 * least), [loop] { die(loop); });
  });
}

void die(const std::shared_ptr<Loop>& loop) {
  auto act = [loop](NodeId node, Cluster::Act done) { loop->cluster.kill(node, std::move(done)); };
  act_on_all(loop->targets, act, [loop](const std::vector<std::string>& errors) {
    note(*loop, errors);
    live(loop);
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  const Value* stated = op.value.find("deaths");
  std::int64_t deaths = 2;
  if (stated != nullptr && stated->is_integer()) deaths = std::max(deaths, stated->integer());
  complete = releasing(scene, kind, std::move(complete));
  cluster.survey([&cluster, &scene, intention, deaths, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_affordable(scene, kind, intention, before, complete);
    if (targets.empty()) return;
    Map evidence;
    evidence["intention"] = intention;
    evidence["roles_before"] = roles_of(before);
    evidence["deaths"] = deaths;
    evidence["starts_before"] = starts_of(before);
    FaultReport report{kind, names_of(targets), true, false, std::move(evidence), true};
    auto loop =
        std::make_shared<Loop>(Loop{cluster, scene.rng, deaths, targets, {}, report, complete});
    for (const NodeReport& node : before) {
      bool struck = std::find(targets.begin(), targets.end(), node.node) != targets.end();
      if (struck) loop->starts_before[node.node] = node.starts;
    }
    die(loop);
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("targets");
  std::int64_t most = std::max<std::int64_t>(2, config.options.integer("deaths"));
  auto intention = [option, most](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["deaths"] = rng.between(2, most);
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, bout_verb, "", intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == bout_verb) return begin(op, scene, std::move(complete));
  restore_processes({.name = kind,
                     .struck = ProcessState::stopped,
                     .restore = &Cluster::start},
                    scene, std::move(complete));
}

}  // namespace

void add_crash_loop(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "kills and starts the same node processes several times in a row",
      .needs = {Ability::processes},
      .options = {targets_option(),
                  {"deaths", OptionSpec::Kind::integer, "6",
                   "the most deaths of one loop; the least are two"}},
      .verbs = {bout_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  });
}

}  // namespace sunder
