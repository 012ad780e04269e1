// Rolling restarts, as operators do them: every node in turn is asked to end, started again, and
// waited for before it is the next one's turn.

#include <algorithm>
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

constexpr const char* kind = "rolling-restart";
constexpr const char* bout_verb = "rolling-restart";
constexpr const char* end_verb = "start";

struct Round {
  FaultScene& scene;
  Cluster& cluster;
  bool gently = true;      // SIGTERM, else SIGKILL
  int patience = 0;        // surveys until a node has ended, and until it is ready
  std::vector<NodeId> nodes;
  Reports before;
  FaultReport report;
  Complete complete;
  std::size_t at = 0;      // whose turn it is
  List never_ended{};
  List never_ready{};
  std::vector<std::string> errors{};
};

const NodeReport& of(const Reports& reports, NodeId node) {
  return *std::find_if(reports.begin(), reports.end(),
                       [&](const NodeReport& report) { return report.node == node; });
}

void conclude(const std::shared_ptr<Round>& round) {
  auto holds = [round](const Reports& reports) {
    return std::all_of(round->nodes.begin(), round->nodes.end(), [&](NodeId node) {
      const NodeReport& now = of(reports, node);
      return now.process == ProcessState::running && now.starts > of(round->before, node).starts;
    });
  };
  survey_until(round->cluster, holds, [round](bool proved, const Reports& after) {
    FaultReport report = round->report;
    report.confirmed = proved && round->errors.empty() && round->never_ended.empty();
    Map& evidence = report.evidence.map();
    evidence["starts_after"] = starts_of(after);
    evidence["endings"] = endings_of(after);
    evidence["processes"] = processes_of(after);
    evidence["roles_after"] = roles_of(after);
    if (!round->never_ended.empty()) evidence["never_ended"] = round->never_ended;
    if (!round->never_ready.empty()) evidence["never_ready"] = round->never_ready;
    if (!round->errors.empty()) evidence["errors"] = to_list(round->errors);
    round->complete(outcome_of(report));
  });
}

void next(const std::shared_ptr<Round>& round);

void start(const std::shared_ptr<Round>& round) {
  NodeId node = round->nodes[round->at];
  round->cluster.start(node, [round, node](const Status& status) {
    if (!status) round->errors.push_back(status.error().context);
    auto ready = [node](const Reports& reports) {
      const NodeReport& now = of(reports, node);
      return now.reachable && now.status.ready;
    };
    survey_until(
        round->cluster, ready,
        [round, node](bool in_time, const Reports&) {
          if (!in_time) round->never_ready.emplace_back(to_string(node));
          release(round->scene, kind);
          ++round->at;
          next(round);
        },
        round->patience);
  });
}

void stop(const std::shared_ptr<Round>& round) {
  NodeId node = round->nodes[round->at];
  auto strike = round->gently ? &Cluster::terminate : &Cluster::kill;
  (round->cluster.*strike)(node, [round, node](const Status& status) {
    if (!status) round->errors.push_back(status.error().context);
    auto ended = [node](const Reports& reports) {
      return of(reports, node).process == ProcessState::stopped;
    };
    survey_until(
        round->cluster, ended,
        [round, node](bool in_time, const Reports&) {
          if (!in_time) round->never_ended.emplace_back(to_string(node));
          start(round);
        },
        round->patience);
  });
}

// An operator who restarts nodes one by one waits while others are down.
void await_turn(const std::shared_ptr<Round>& round, int patience) {
  NodeId node = round->nodes[round->at];
  if (afford_all(round->scene, kind, {node})) return stop(round);
  if (patience > 0) {
    return round->cluster.after(evidence_pause,
                                [round, patience] { await_turn(round, patience - 1); });
  }
  round->errors.push_back("it was never the turn of " + to_string(node) + ": " + over_budget);
  ++round->at;
  next(round);
}

void next(const std::shared_ptr<Round>& round) {
  if (round->at == round->nodes.size()) return conclude(round);
  await_turn(round, round->patience);
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  bool gently = intention_of(op.value, "by", "term") == "term";
  const Value* stated = op.value.find("patience");
  std::int64_t surveys = stated != nullptr && stated->is_integer() ? stated->integer() : 1;
  auto patience = static_cast<int>(std::clamp<std::int64_t>(surveys, 1, 10'000));
  cluster.survey([&cluster, &scene, gently, patience, complete](const Reports& before) {
    std::vector<NodeId> nodes = shuffled_nodes(before, scene.rng);
    Map evidence;
    evidence["order"] = to_list(names_of(nodes));
    evidence["roles_before"] = roles_of(before);
    evidence["starts_before"] = starts_of(before);
    FaultReport report{kind, names_of(nodes), true, false, std::move(evidence), true};
    next(std::make_shared<Round>(
        Round{scene, cluster, gently, patience, nodes, before, report, complete}));
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
