// A core of the nodes is left whole and alone: every other node is dead, or cut off from all, and
// stays so. What the core does then is the system's own doing: no fault comes or goes, so a system
// that claims to go on with a majority must.
//
// Source: the liveness mode of TigerBeetle's simulator, which ends its runs in the same way.

#include <algorithm>
#include <set>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "core";
constexpr const char* begin_verb = "leave-core";
constexpr const char* end_verb = "end-core";

/// Who is in, and what becomes of the others.
struct Split {
  std::vector<NodeId> core;
  std::vector<NodeId> dead;
  std::vector<NodeId> apart;
  std::vector<NodeId> outside;  // dead and apart
  std::set<Link> cut;           // all links of those apart
};

std::int64_t size_of(const Value& intention, std::size_t nodes) {
  const Value* size = intention.find("size");
  bool said = size != nullptr && size->is_integer() && size->integer() > 0;
  return said ? size->integer() : static_cast<std::int64_t>(nodes / 2 + 1);
}

Split split(const Value& intention, const NodeReports& reports, Rng& rng) {
  Split split;
  std::int64_t left = size_of(intention, reports.size());
  for (NodeId node : shuffled_nodes(reports, rng)) {
    if (left-- > 0) {
      split.core.push_back(node);
    } else {
      (rng.chance({1, 2}) ? split.dead : split.apart).push_back(node);
      split.outside.push_back(node);
    }
  }
  for (NodeId node : split.apart) {
    for (const NodeReport& other : reports) {
      if (other.node == node) continue;
      split.cut.insert({Link{node, other.node}, Link{other.node, node}});
    }
  }
  return split;
}

void kill_and_prove(Cluster& cluster, const Split& split, FaultReport report, Complete complete) {
  auto kill = [&cluster](NodeId node, Cluster::Act done) { cluster.kill(node, std::move(done)); };
  act_on_all(split.dead, kill, [=, &cluster](const std::vector<std::string>& errors) {
    if (!errors.empty()) {  // links are cut already, and others may have been killed
      FaultReport half = report;
      half.evidence.map()["errors"] = to_list(errors);
      return complete(outcome_of(half));
    }
    auto holds = [split](const Reports& after) {
      return std::all_of(after.begin(), after.end(), [&](const NodeReport& node) {
        bool dead = std::find(split.dead.begin(), split.dead.end(), node.node) != split.dead.end();
        return (node.process == ProcessState::stopped) == dead;
      });
    };
    survey_until(cluster, holds, [=, &cluster](bool held, const Reports& after) {
      FaultReport seen = report;
      seen.evidence.map()["processes"] = processes_of(after);
      if (!held) return complete(outcome_of(seen));
      prove_cut(cluster, split.cut, std::move(seen), complete);
    });
  });
}

void leave(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.survey([=, &cluster, &scene, intention = op.value](const NodeReports& before) {
    Split made = split(intention, before, scene.rng);
    if (made.outside.empty()) {
      return complete(Outcome::fail("the core has all nodes: none is left to be without"));
    }
    if (!afford_all(scene, kind, made.outside)) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["core"] = Value(to_list(names_of(made.core)));
    evidence["dead"] = Value(to_list(names_of(made.dead)));
    evidence["cut_off"] = Value(to_list(names_of(made.apart)));
    evidence["roles_before"] = roles_of(before);
    FaultReport report{kind, names_of(made.outside), true, false, std::move(evidence)};
    LinkModel blocked;
    blocked.blocked = true;
    std::vector<Link> links(made.cut.begin(), made.cut.end());
    cluster.impose(kind, links, blocked, [=, &cluster](const Status& status) {
      if (!status) return complete(Outcome::fail(status.error().context));
      kill_and_prove(cluster, made, report, complete);
    });
  });
}

void rejoin(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.lift(kind, [=, &cluster, &scene](const Status& status) {
    if (!status) return complete(Outcome::fail(status.error().context));
    std::vector<NodeId> all(cluster.nodes().begin(), cluster.nodes().end());
    auto start = [&cluster](NodeId node, Cluster::Act done) {
      cluster.start(node, std::move(done));
    };
    act_on_all(all, start, [=, &cluster, &scene](const std::vector<std::string>& errors) {
      if (!errors.empty()) return complete(Outcome::fail(errors.front()));
      release(scene, kind);
      kill_and_prove(cluster, Split{}, FaultReport{kind, {}, false, false, Map{}}, complete);
    });
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::int64_t size = options.integer("size");
  return [size](Rng&) {
    Map map;
    if (size > 0) map["size"] = size;
    return Value(std::move(map));
  };
}

}  // namespace

void add_core(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary =
              "leaves a majority whole and the others dead or cut off; --core ends a run so, "
              "and demands progress",
          .needs = {Ability::links, Ability::processes},
          .options = {{"size", OptionSpec::Kind::integer, "0",
                       "nodes of the core; 0: the smallest majority"}},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, leave, rejoin}));
}

}  // namespace sunder
