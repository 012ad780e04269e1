// Lost disks: a node dies, all that it has stored is erased, and it comes back as if it were new,
// under its old name. Few protocols withstand that: a voter that has forgotten its vote may vote
// again. So this is done only when asked for by name.

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

constexpr const char* kind = "wipe";
constexpr const char* begin_verb = "wipe";
constexpr const char* end_verb = "start";

struct Wiping {
  Cluster& cluster;
  std::vector<NodeId> targets;
  FaultReport report;
  Complete complete;
  std::map<NodeId, Erased> erased{};
  std::vector<std::string> errors{};
};

Value erased_of(const Wiping& wiping) {
  Map map;
  for (const auto& [node, found] : wiping.erased) map[to_string(node)] = found.erased;
  return map;
}

bool all_gone(const Wiping& wiping) {
  return wiping.erased.size() == wiping.targets.size() &&
         std::all_of(wiping.erased.begin(), wiping.erased.end(), [](const auto& entry) {
           return entry.second.erased > 0 && entry.second.left == 0;
         });
}

void erase(const std::shared_ptr<Wiping>& wiping) {
  auto act = [wiping](NodeId node, Cluster::Act done) {
    wiping->cluster.wipe(node, [wiping, node, done](const Result<Erased>& erased) {
      if (!erased) return done(erased.error());
      wiping->erased[node] = *erased;
      done(Done{});
    });
  };
  act_on_all(wiping->targets, act, [wiping](const std::vector<std::string>& errors) {
    FaultReport& report = wiping->report;
    wiping->errors.insert(wiping->errors.end(), errors.begin(), errors.end());
    report.confirmed = wiping->errors.empty() && all_gone(*wiping);
    report.evidence.map()["erased"] = erased_of(*wiping);
    if (!wiping->errors.empty()) report.evidence.map()["errors"] = to_list(wiping->errors);
    wiping->complete(outcome_of(report));
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  cluster.survey([&cluster, &scene, intention, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_affordable(scene, kind, intention, before, complete);
    if (targets.empty()) return;
    Map evidence;
    evidence["intention"] = intention;
    evidence["roles_before"] = roles_of(before);
    FaultReport report{kind, names_of(targets), true, false, std::move(evidence)};
    auto wiping = std::make_shared<Wiping>(Wiping{cluster, targets, report, complete});
    auto kill = [&cluster](NodeId node, Cluster::Act done) { cluster.kill(node, std::move(done)); };
    act_on_all(targets, kill, [wiping](const std::vector<std::string>& errors) {
      if (errors.size() == wiping->targets.size()) {
        return wiping->complete(Outcome::fail(errors.front()));
      }
      wiping->errors = errors;
      erase(wiping);
    });
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string option = options.text("targets");
  return [option](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    return Value(std::move(map));
  };
}

void mend(FaultScene& scene, Complete complete) {
  restore_processes({.name = kind, .struck = ProcessState::stopped, .restore = &Cluster::start},
                    scene, std::move(complete));
}

}  // namespace

void add_wipe(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary = "kills nodes and erases what they have stored, later starts them; only for "
                     "systems that promise to survive it",
          .needs = {Ability::processes, Ability::data},
          .options = {targets_option("one")},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, begin, mend}));
}

}  // namespace sunder
