// Rolling restarts, as operators do them: every node in turn is asked to end, started again, and
// waited for before it is the next one's turn.

#include <algorithm>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/processes.h"
#include "nemesis/policy/rolling.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "rolling-restart";
constexpr const char* bout_verb = "rolling-restart";
constexpr const char* end_verb = "start";

struct Round {
  FaultScene& scene;
  std::vector<NodeId> nodes;
  Reports before;
  FaultReport report;
  Complete complete;
};

void conclude(const std::shared_ptr<Round>& round, const Rolled& rolled) {
  auto holds = [round](const Reports& reports) {
    return std::all_of(round->nodes.begin(), round->nodes.end(), [&](NodeId node) {
      const NodeReport& now = report_of(reports, node);
      return now.process == ProcessState::running &&
             now.starts > report_of(round->before, node).starts;
    });
  };
  survey_until(round->scene.cluster, holds, [round, rolled](bool proved, const Reports& after) {
    FaultReport report = round->report;
    report.confirmed = proved && rolled.errors.empty() && rolled.never_ended.empty();
    Map& evidence = report.evidence.map();
    evidence["starts_after"] = starts_of(after);
    evidence["endings"] = endings_of(after);
    evidence["processes"] = processes_of(after);
    evidence["roles_after"] = roles_of(after);
    add_to(evidence, rolled);
    round->complete(outcome_of(report));
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  bool gently = intention_of(op.value, "by", "term") == "term";
  const Value* stated = op.value.find("patience");
  std::int64_t surveys = stated != nullptr && stated->is_integer() ? stated->integer() : 1;
  auto patience = static_cast<int>(std::clamp<std::int64_t>(surveys, 1, 10'000));
  cluster.survey([&scene, gently, patience, complete](const Reports& before) {
    std::vector<NodeId> nodes = shuffled_nodes(before, scene.rng);
    Map evidence;
    evidence["order"] = to_list(names_of(nodes));
    evidence["roles_before"] = roles_of(before);
    evidence["starts_before"] = starts_of(before);
    FaultReport report{kind, names_of(nodes), true, false, std::move(evidence), true};
    auto round = std::make_shared<Round>(Round{scene, nodes, before, report, complete});
    roll(scene, {kind, nodes, gently, patience},
         [round](const Rolled& rolled) { conclude(round, rolled); });
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string by = config.options.text("by");
  std::int64_t patience = config.options.duration("settle") / evidence_pause;
  auto intention = [by, patience](Rng& rng) {
    bool gently = rng.chance({1, 2});
    Map map;
    map["by"] = by == "mix" ? (gently ? "term" : "kill") : by;
    map["patience"] = patience;
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

void add_rolling_restart(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "ends and starts every node in turn, each when the one before is ready again",
      .needs = {Ability::processes},
      .options = {{"by", OptionSpec::Kind::choice, "mix", "how nodes are ended",
                   {"mix", "term", "kill"}},
                  {"settle", OptionSpec::Kind::duration, "5s",
                   "how long a node may take to end, and to be ready again"}},
      .verbs = {bout_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  });
}

}  // namespace sunder
