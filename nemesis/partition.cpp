// Partitions: links between nodes that carry nothing for a while. The proof is a probe over every
// link, so that a cut which never happened is not mistaken for one that was survived.

#include <algorithm>
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

std::uint16_t port_of(const Value& value) {
  constexpr std::int64_t port_max = 65535;
  const Value* stated = value.find("port");
  bool some = stated != nullptr && stated->is_integer() && stated->integer() > 0;
  return some ? static_cast<std::uint16_t>(std::min(port_max, stated->integer())) : 0;
}

/// Of the partition that is in force; 0: of none, or of all ports.
std::uint16_t port_in_force(const Cluster& cluster) {
  for (const LinkRule& rule : cluster.link_rules()) {
    if (rule.name == kind) return rule.model.port;
  }
  return 0;
}

void prove(Cluster& cluster, std::set<Link> links, std::uint16_t port, FaultReport report,
           Complete complete) {
  if (port == 0) return prove_cut(cluster, std::move(links), std::move(report), complete);
  prove_port_cut(cluster, std::move(links), port, std::move(report), std::move(complete));
}

void start(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string shape = intention_of(op.value, "shape", "halves");
  std::uint16_t port = port_of(op.value);
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
    if (port > 0) evidence["port"] = std::int64_t{port};
    FaultReport report{kind, names_of_links(links), true, false, std::move(evidence)};
    LinkModel blocked;
    blocked.blocked = true;
    blocked.port = port;
    cluster.impose(kind, cut.links, blocked, [=, &cluster](const Status& status) {
      if (!status) return complete(Outcome::fail(status.error().context));
      prove(cluster, links, port, report, complete);
    });
  });
}

void stop(FaultScene& scene, const Complete& complete) {
  std::uint16_t port = port_in_force(scene.cluster);
  lift_rule(scene, kind, complete, [=, &scene] {
    prove(scene.cluster, {}, port, FaultReport{kind, {}, false, false, Map{}}, complete);
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string option = options.text("shape");
  std::int64_t port = options.integer("port");
  return [option, port](Rng& rng) {
    Map map;
    map["shape"] = draw_shape(option, rng);
    if (port > 0) map["port"] = port;
    return Value(std::move(map));
  };
}

}  // namespace

void add_partition(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary =
              "cuts links between nodes, in many shapes; in lab and ssh, with port=N, for that "
              "port alone",
          .needs = {Ability::links},
          .options = {shape_option(),
                      {"port",
                       OptionSpec::Kind::integer,
                       "0",
                       "cuts only TCP and UDP from and to this port; 0 cuts all",
                       {},
                       false,
                       0,
                       65535}},
          .needs_for = [](const Options& options) -> std::set<Ability> {
            if (options.integer("port") == 0) return {};
            return {Ability::transport};
          },
          .in_swarm = true,
      },
      {begin_verb, end_verb, intention, start, stop}));
}

}  // namespace sunder
