// Upgrades and downgrades: nodes are restarted, one after the other, as another version of the
// system, and later as the usual one again. What the versions have in common is what the first has
// stored.

#include <algorithm>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/rolling.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "swap";
constexpr const char* swap_verb = "swap";
constexpr const char* back_verb = "swap-back";
constexpr int back_patience = 50;  // surveys

struct Swap {
  FaultScene& scene;
  Version version;
  Rolling rolling;
  Reports before;
  FaultReport report;
  Complete complete;
};

Value versions_of(const Reports& reports) {
  Map map;
  for (const NodeReport& report : reports) {
    if (report.version) map[to_string(report.node)] = to_string(*report.version);
  }
  return map;
}

Value programs_of(const Reports& reports) {
  Map map;
  for (const NodeReport& report : reports) {
    if (!report.program.empty()) map[to_string(report.node)] = report.program;
  }
  return map;
}

bool swapped(const Swap& swap, const Reports& reports) {
  return std::all_of(swap.rolling.nodes.begin(), swap.rolling.nodes.end(), [&](NodeId node) {
    const NodeReport& now = report_of(reports, node);
    return now.process == ProcessState::running && now.version == swap.version &&
           now.starts > report_of(swap.before, node).starts;
  });
}

bool none_is_other(const Reports& reports) {
  return std::none_of(reports.begin(), reports.end(), [](const NodeReport& report) {
    return report.version == Version::other;
  });
}

void conclude(const std::shared_ptr<Swap>& swap, const Rolled& rolled) {
  bool on = swap->report.on;
  auto holds = [swap, on](const Reports& reports) {
    return swapped(*swap, reports) && (on || none_is_other(reports));
  };
  survey_until(swap->scene.cluster, holds, [swap, rolled](bool proved, const Reports& after) {
    FaultReport report = swap->report;
    report.confirmed = proved && rolled.errors.empty() && rolled.never_ended.empty();
    if (report.confirmed && !report.on) swap->scene.notes = {};
    Map& evidence = report.evidence.map();
    evidence["starts_after"] = starts_of(after);
    evidence["versions"] = versions_of(after);
    Value programs = programs_of(after);
    if (!programs.map().empty()) evidence["programs"] = std::move(programs);
    evidence["endings"] = endings_of(after);
    evidence["roles_after"] = roles_of(after);
    add_to(evidence, rolled);
    swap->complete(outcome_of(report));
  });
}

/// Restarts these nodes as the version, and completes the op.
void restart_as(FaultScene& scene, Version version, Rolling rolling, const Reports& before,
                bool on, Complete complete) {
  Map evidence;
  evidence["order"] = to_list(names_of(rolling.nodes));
  evidence["by"] = rolling.gently ? "term" : "kill";
  evidence["starts_before"] = starts_of(before);
  evidence["roles_before"] = roles_of(before);
  rolling.while_down = [&scene, version](NodeId node, Cluster::Act done) {
    scene.cluster.choose_version(node, version, std::move(done));
  };
  std::vector<std::string> targets = names_of(rolling.nodes);
  std::sort(targets.begin(), targets.end());
  auto swap = std::make_shared<Swap>(
      Swap{scene, version, rolling, before,
           FaultReport{kind, targets, on, false, std::move(evidence)}, std::move(complete)});
  roll(scene, std::move(rolling), [swap](const Rolled& rolled) { conclude(swap, rolled); });
}

// Whom this fault has swapped so far: the other version may end by itself, and is then to be seen
// nowhere.
void note_swapped(FaultScene& scene, const std::vector<NodeId>& nodes) {
  List names = scene.notes.is_list() ? scene.notes.list() : List{};
  for (NodeId node : nodes) names.emplace_back(to_string(node));
  scene.notes = std::move(names);
}

bool was_swapped(const FaultScene& scene, NodeId node) {
  if (!scene.notes.is_list()) return false;
  const List& names = scene.notes.list();
  return std::find(names.begin(), names.end(), Value(to_string(node))) != names.end();
}

std::vector<NodeId> in_random_order(std::vector<NodeId> nodes, Rng& rng) {
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[rng.below(left)]);
  }
  return nodes;
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  bool gently = intention_of(op.value, "by", "term") == "term";
  std::string intention = intention_of(op.value, "targets", "one");
  const Value* stated = op.value.find("patience");
  std::int64_t surveys = stated != nullptr && stated->is_integer() ? stated->integer() : 1;
  auto patience = static_cast<int>(std::clamp<std::int64_t>(surveys, 1, 10'000));
  scene.cluster.survey([&scene, gently, intention, patience, complete](const Reports& before) {
    std::vector<NodeId> nodes = choose_running(intention, before, scene.rng);
    if (nodes.empty()) return complete(Outcome::fail("no node is running"));
    nodes = in_random_order(std::move(nodes), scene.rng);
    note_swapped(scene, nodes);
    restart_as(scene, Version::other, {kind, std::move(nodes), gently, patience}, before, true,
               complete);
  });
}

// First every node is told, so that none that another fault has stopped comes back as the other
// version meanwhile. Whoever may still be it, is restarted.
void back(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
  auto choose = [&cluster](NodeId node, Cluster::Act done) {
    cluster.choose_version(node, Version::usual, std::move(done));
  };
  act_on_all(all, choose, [&scene, complete](const std::vector<std::string>& errors) {
    if (!errors.empty()) return complete(Outcome::fail(errors.front()));
    scene.cluster.survey([&scene, complete](const Reports& before) {
      std::vector<NodeId> nodes;
      for (const NodeReport& report : before) {
        bool other = report.version == Version::other;
        bool ended = !report.version && was_swapped(scene, report.node);
        if (other || ended) nodes.push_back(report.node);
      }
      restart_as(scene, Version::usual, {kind, std::move(nodes), true, back_patience}, before,
                 false, complete);
    });
  });
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == swap_verb) return begin(op, scene, std::move(complete));
  back(scene, std::move(complete));
}

std::string left(const Reports& reports, const FaultScene&) {
  for (const NodeReport& report : reports) {
    if (report.version == Version::other) {
      return to_string(report.node) + " still runs the other version";
    }
  }
  return {};
}

Generator schedule(const NemesisConfig& config) {
  std::string by = config.options.text("by");
  std::string option = config.options.text("targets");
  std::int64_t patience = config.options.duration("settle") / evidence_pause;
  auto intention = [by, option, patience](Rng& rng) {
    bool gently = rng.chance({1, 2});
    Map map;
    map["by"] = by == "mix" ? (gently ? "term" : "kill") : by;
    map["targets"] = draw_intention(option, rng);
    map["patience"] = patience;
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, swap_verb, back_verb, intention});
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

VersionWish other_version(const Options& options) {
  return {.program = options.text("program"),
          .flaws = words_of(options.text("flaw")),
          .set = words_of(options.text("set"))};
}

}  // namespace

void add_swap(Registry<Nemesis>& registry) {
  using Kind = OptionSpec::Kind;
  registry.add(Nemesis{
      .name = kind,
      .summary = "restarts nodes in turn as another version (swap.program, swap.flaw, swap.set), "
                 "later as the usual one",
      .needs = {Ability::processes},
      .options = {targets_option(),
                  {"by", Kind::choice, "mix", "how nodes are ended", {"mix", "term", "kill"}},
                  {"settle", Kind::duration, "5s",
                   "how long a node may take to end, and to be ready again"},
                  {"program", Kind::text, "",
                   "the other version's, a path: another build of sunder-node, or of the store"},
                  {"flaw", Kind::text, "",
                   "the other version's, names separated by commas, or none; else the run's"},
                  {"set", Kind::text, "",
                   "KEY=VALUE,... of the system by which the other version differs"}},
      .verbs = {swap_verb, back_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, back_verb); },
      .apply = apply,
      .in_all = false,
      .left = left,
      .other_version = other_version,
  });
}

}  // namespace sunder
