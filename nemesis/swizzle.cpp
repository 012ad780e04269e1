// Swizzle-clog, as FoundationDB's simulator names it: the links of some nodes jam one node after
// another, and come free in another order. What was sent meanwhile is held, and floods in.

#include <algorithm>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "swizzle";
constexpr const char* begin_verb = "start-swizzle";
constexpr const char* end_verb = "stop-swizzle";
constexpr std::string_view rule_prefix = "swizzle ";

struct Act {
  Cluster& cluster;
  std::vector<NodeId> left;  // the next one is the last
  std::set<Link> held;       // of the steps so far
  Duration gap;
  FaultReport report;
  Complete complete;
};
using ActPtr = std::shared_ptr<Act>;

std::vector<Link> links_around(NodeId node, std::span<const NodeId> nodes) {
  std::vector<Link> links;
  for (NodeId other : nodes) {
    if (other == node) continue;
    links.push_back({node, other});
    links.push_back({other, node});
  }
  return links;
}

using Step = void (*)(const ActPtr&, NodeId, Cluster::Act);

// One node after the other, a while apart, and then the proof.
void go_on(const ActPtr& act, Step step) {
  if (act->left.empty()) {
    return prove_cut(act->cluster, act->held, act->report, act->complete);
  }
  NodeId node = act->left.back();
  act->left.pop_back();
  step(act, node, [act, step](const Status& status) {
    if (!status) return act->complete(Outcome::fail(status.error().context));
    act->cluster.after(act->gap, [act, step] { go_on(act, step); });
  });
}

std::string rule_of(NodeId node) { return std::string(rule_prefix) + to_string(node); }

void clog(const ActPtr& act, NodeId node, Cluster::Act done) {
  std::vector<Link> links = links_around(node, act->cluster.nodes());
  act->held.insert(links.begin(), links.end());
  LinkModel held;
  held.hold = true;
  act->cluster.impose(rule_of(node), std::move(links), held, std::move(done));
}

void unclog(const ActPtr& act, NodeId node, Cluster::Act done) {
  act->cluster.lift(rule_of(node), std::move(done));
}

// A random set of nodes, in random order; never empty.
std::vector<NodeId> draw_nodes(const NodeReports& reports, Rng& rng) {
  std::vector<NodeId> nodes = shuffled_nodes(reports, rng);
  nodes.resize(std::min<std::size_t>(nodes.size(), 1 + rng.below(nodes.size())));
  return nodes;
}

Duration gap_of(const Value& value) {
  const Value* gap = value.find("gap_ns");
  return Duration{gap != nullptr && gap->is_integer() ? gap->integer() : 0};
}

void start(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  Duration gap = gap_of(op.value);
  cluster.survey([&cluster, &scene, gap,
                  complete = std::move(complete)](const NodeReports& before) {
    if (before.size() < 2) {
      return complete(Outcome::fail("there is no link to clog between so few nodes"));
    }
    std::vector<NodeId> nodes = afford(scene, kind, draw_nodes(before, scene.rng), before);
    if (nodes.empty()) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["order"] = to_list(names_of({nodes.rbegin(), nodes.rend()}));
    evidence["gap"] = format_duration(gap);
    evidence["roles_before"] = roles_of(before);
    std::vector<NodeId> sorted = nodes;
    std::sort(sorted.begin(), sorted.end());
    FaultReport report{kind, names_of(sorted), true, false, std::move(evidence)};
    go_on(std::make_shared<Act>(Act{cluster, nodes, {}, gap, std::move(report), complete}), clog);
  });
}

void stop(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::vector<NodeId> nodes;
  for (NodeId node : cluster.nodes()) {
    std::vector<LinkRule> rules = cluster.link_rules();
    bool clogged = std::any_of(rules.begin(), rules.end(), [&](const LinkRule& rule) {
      return rule.name == rule_of(node);
    });
    if (clogged) nodes.push_back(node);
  }
  std::vector<std::string> targets = names_of(nodes);
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[scene.rng.below(left)]);
  }
  Map evidence;
  evidence["order"] = to_list(names_of({nodes.rbegin(), nodes.rend()}));
  FaultReport report{kind, std::move(targets), false, false, std::move(evidence)};
  go_on(std::make_shared<Act>(Act{cluster, nodes, {}, gap_of(op.value), std::move(report),
                                  releasing(scene, kind, std::move(complete))}),
        unclog);
}

Generator schedule(const NemesisConfig& config) {
  Map pace;
  pace["gap_ns"] = nanoseconds(config.options.duration("gap"));
  auto intention = [pace](Rng&) { return Value(pace); };
  return on_off_schedule(config, {kind, begin_verb, end_verb, intention, pace});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == begin_verb) return start(op, scene, std::move(complete));
  stop(op, scene, std::move(complete));
}

}  // namespace

void add_swizzle(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "jams the links of random nodes one after another, frees them in another order",
      .needs = {Ability::links, Ability::link_quality},
      .options = {{"gap", OptionSpec::Kind::duration, "500ms", "the time between two nodes"}},
      .verbs = {begin_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  });
}

}  // namespace sunder
