// Partitions: links between nodes that carry nothing for a while. The proof is a probe over every
// link, so that a cut which never happened is not mistaken for one that was survived.

#include <set>

#include "harness/api/nemesis.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/shapes.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "partition";
constexpr const char* begin_verb = "start-partition";
constexpr const char* end_verb = "stop-partition";

Value groups_value(const std::vector<std::vector<NodeId>>& groups) {
  List list;
  for (const std::vector<NodeId>& group : groups) list.emplace_back(to_list(names_of(group)));
  return list;
}

void start(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string shape = intention_of(op.value, "shape", "halves");
  cluster.survey([=, &cluster, &scene](const NodeReports& before) {
    Cut cut = make_cut(shape, before, scene.rng);
    if (cut.links.empty()) {
      return complete(Outcome::fail("there is no link to cut between so few nodes"));
    }
    if (!afford_links(scene, kind, cut.links)) return complete(Outcome::fail(over_budget));
    std::set<Link> links(cut.links.begin(), cut.links.end());
    Map evidence;
    evidence["shape"] = cut.shape;
    evidence["groups"] = groups_value(cut.groups);
    evidence["roles_before"] = roles_of(before);
    FaultReport report{kind, names_of_links(links), true, false, std::move(evidence)};
    LinkModel blocked;
    blocked.blocked = true;
    cluster.impose(kind, cut.links, blocked, [=, &cluster](const Status& status) {
      if (!status) return complete(Outcome::fail(status.error().context));
      prove_cut(cluster, links, report, complete);
    });
  });
}

void stop(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.lift(kind, [&cluster, &scene, complete = std::move(complete)](const Status& status) {
    if (!status) return complete(Outcome::fail(status.error().context));
    release(scene, kind);
    prove_cut(cluster, {}, FaultReport{kind, {}, false, false, Map{}}, complete);
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("shape");
  auto intention = [option](Rng& rng) {
    Map map;
    map["shape"] = draw_shape(option, rng);
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, begin_verb, end_verb, intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == begin_verb) return start(op, scene, std::move(complete));
  stop(scene, std::move(complete));
}

}  // namespace

void add_partition(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "cuts links between nodes, in many shapes",
      .needs = {Ability::links},
      .options = {shape_option()},
      .verbs = {begin_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_swarm = true,
  });
}

}  // namespace sunder
