// Power cuts: kill -9, a disk that forgets what was not synced, and a start some time later.

#include <algorithm>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "disk";
constexpr const char* begin_verb = "cut-power";
constexpr const char* end_verb = "restore-power";

bool is_stopped(const NodeReport& report) { return report.process == ProcessState::stopped; }

/// What of a disk's answer belongs in the history; the rest is in the node's disk.jsonl.
Value summary_of(const Value& lost) {
  Map map;
  for (const char* key : {"policy", "seed", "bytes", "range_count", "name_count", "boot"}) {
    if (const Value* found = lost.find(key)) map[key] = *found;
  }
  return map;
}

/// Of machines that may be switched off, the kernel's names of their boots, which shows that they
/// have started anew.
Map boots_of(const Reports& reports) {
  Map map;
  for (const NodeReport& report : reports) {
    if (!report.boot.empty()) map[to_string(report.node)] = report.boot;
  }
  return map;
}

/// The power cuts of one op, under way.
struct Cut {
  Cluster& cluster;
  FaultReport report;
  Map losses;  // by node
  std::vector<std::string> errors;
  std::size_t awaited;
  Complete complete;
};

void conclude(const std::shared_ptr<Cut>& cut) {
  cut->report.evidence.map()["lost"] = cut->losses;
  if (!cut->errors.empty()) cut->report.evidence.map()["errors"] = to_list(cut->errors);
  if (cut->losses.empty()) return cut->complete(Outcome::fail(cut->errors.front()));
  auto all_stopped = [targets = cut->report.targets](const Reports& reports) {
    return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
      bool meant =
          std::find(targets.begin(), targets.end(), to_string(report.node)) != targets.end();
      return !meant || is_stopped(report);
    });
  };
  survey_until(cut->cluster, all_stopped, [cut](bool holds, const Reports& after) {
    // A disk that had nothing to lose was cut off all the same: its answer is the proof.
    cut->report.confirmed = holds && cut->errors.empty();
    cut->report.evidence.map()["processes"] = processes_of(after);
    cut->complete(outcome_of(cut->report));
  });
}

void strike(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  std::string policy = intention_of(op.value, "policy", "any");
  cluster.survey([&cluster, &scene, intention, policy, complete](const Reports& before) {
    Reports alive = before;
    std::erase_if(alive, is_stopped);
    if (alive.empty()) return complete(Outcome::fail("every node is stopped already"));
    std::vector<NodeId> targets =
        afford(scene, kind, choose_targets(intention, alive, scene.rng), before);
    if (targets.empty()) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["intention"] = intention;
    evidence["roles_before"] = roles_of(before);
    auto cut = std::make_shared<Cut>(
        Cut{cluster,
            FaultReport{kind, names_of(targets), true, false, std::move(evidence)},
            {},
            {},
            targets.size(),
            complete});
    for (NodeId node : targets) {
      std::uint64_t seed = scene.rng.next();
      cluster.cut_power(node, policy, seed, [cut, node](const Result<Value>& lost) {
        if (lost) {
          cut->losses[to_string(node)] = summary_of(*lost);
        } else {
          cut->errors.push_back(lost.error().context);
        }
        if (--cut->awaited == 0) conclude(cut);
      });
    }
  });
}

void restore(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  complete = releasing(scene, kind, std::move(complete));
  cluster.survey([&cluster, complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> stopped;
    for (const NodeReport& report : before) {
      if (is_stopped(report)) stopped.push_back(report.node);
    }
    std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
    auto start = [&cluster](NodeId node, Cluster::Act done) {
      cluster.start(node, std::move(done));
    };
    FaultReport report{kind, names_of(stopped), false, false, Map{}};
    act_on_all(all, start, [&cluster, report, complete](const std::vector<std::string>& errors) {
      auto none_stopped = [](const Reports& reports) {
        return std::none_of(reports.begin(), reports.end(), is_stopped);
      };
      survey_until(cluster, none_stopped,
                   [report, errors, complete](bool holds, const Reports& after) {
                     FaultReport done = report;
                     done.confirmed = holds && errors.empty();
                     done.evidence.map()["processes"] = processes_of(after);
                     if (Map boots = boots_of(after); !boots.empty()) {
                       done.evidence.map()["boots"] = std::move(boots);
                     }
                     if (!errors.empty()) done.evidence.map()["errors"] = to_list(errors);
                     complete(outcome_of(done));
                   });
    });
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string targets = options.text("targets");
  std::string policy = options.text("policy");
  return [targets, policy](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(targets, rng);
    map["policy"] = policy;
    return Value(std::move(map));
  };
}

}  // namespace

void add_disk(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary = "cuts the power: what was not synced may be gone, by a file system of our "
                     "own, or with the emulator of machines (--machines)",
          .needs = {Ability::processes, Ability::power},
          .options = {targets_option(),
                      {"policy",
                       OptionSpec::Kind::choice,
                       "any",
                       "what a power cut leaves of unsynced data and names",
                       {"any", "none", "all", "prefix", "subset", "torn-512", "torn-4096",
                        "drop-names", "drop-data"}}},
          .needs_for =
              [](const Options& options) {
                // A machine that is off has no say in what is left of its disk.
                bool any = options.text("policy") == "any";
                return any ? std::set<Ability>{} : std::set<Ability>{Ability::disks};
              },
          .in_all = false,
      },
      {begin_verb, end_verb, intention, strike, restore}));
}

}  // namespace sunder
