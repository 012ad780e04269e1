// Partitions: links between nodes that carry nothing for a while. The proof is a probe over every
// link, so that a cut which never happened is not mistaken for one that was survived.

#include <algorithm>
#include <memory>
#include <set>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/shapes.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "partition";
constexpr const char* begin_verb = "start-partition";
constexpr const char* end_verb = "stop-partition";

std::vector<std::string> names_of_links(const std::set<Link>& links) {
  std::vector<std::string> names;
  for (const Link& link : links) {
    names.push_back(to_string(link.source) + ">" + to_string(link.target));
  }
  return names;
}

// What probes have shown so far. A probe over a link that was not cut may be lost by chance, so one
// that arrives in any round counts; over a cut link none may arrive in the last round.
struct Proof {
  std::set<Link> cut;
  FaultReport report;
  Complete complete;
  std::set<Link> alive{};
  int rounds = 0;
};

void conclude(Proof& proof, const LinkProbe& probe, const std::set<Link>& leaked,
              const std::set<Link>& silent) {
  proof.report.confirmed = leaked.empty() && silent.empty();
  Map& evidence = proof.report.evidence.map();
  evidence["delivered"] = static_cast<std::int64_t>(probe.delivered.size());
  evidence["lost"] = static_cast<std::int64_t>(probe.lost.size());
  evidence["probes"] = proof.rounds;
  if (!leaked.empty()) evidence["leaked"] = to_list(names_of_links(leaked));
  if (!silent.empty()) evidence["lost_but_not_cut"] = to_list(names_of_links(silent));
  proof.complete(outcome_of(proof.report));
}

void prove(Cluster& cluster, const std::shared_ptr<Proof>& proof) {
  cluster.probe_links([&cluster, proof](const LinkProbe& probe) {
    ++proof->rounds;
    proof->alive.insert(probe.delivered.begin(), probe.delivered.end());
    std::set<Link> leaked;  // cut, yet not seen to be lost
    for (const Link& link : proof->cut) {
      if (!probe.lost.contains(link) || probe.delivered.contains(link)) leaked.insert(link);
    }
    std::set<Link> silent;  // not cut, yet never seen to deliver
    for (const Link& link : probe.lost) {
      if (!proof->cut.contains(link) && !proof->alive.contains(link)) silent.insert(link);
    }
    bool proved = leaked.empty() && silent.empty();
    if (proved || proof->rounds == evidence_attempts) {
      return conclude(*proof, probe, leaked, silent);
    }
    cluster.after(evidence_pause, [&cluster, proof] { prove(cluster, proof); });
  });
}

Value groups_value(const std::vector<std::vector<NodeId>>& groups) {
  List list;
  for (const std::vector<NodeId>& group : groups) list.emplace_back(to_list(names_of(group)));
  return list;
}

void start(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  Rng& rng = scene.rng;
  std::string shape = intention_of(op.value, "shape", "halves");
  cluster.survey([&cluster, &rng, shape, complete = std::move(complete)](const Reports& before) {
    Cut cut = make_cut(shape, before, rng);
    if (cut.links.empty()) {
      return complete(Outcome::fail("there is no link to cut between so few nodes"));
    }
    auto proof = std::make_shared<Proof>();
    proof->cut.insert(cut.links.begin(), cut.links.end());
    proof->complete = complete;
    Map evidence;
    evidence["shape"] = cut.shape;
    evidence["groups"] = groups_value(cut.groups);
    evidence["roles_before"] = roles_of(before);
    proof->report =
        FaultReport{kind, names_of_links(proof->cut), true, false, std::move(evidence)};
    LinkModel blocked;
    blocked.blocked = true;
    cluster.impose(kind, cut.links, blocked, [&cluster, proof](const Status& status) {
      if (!status) return proof->complete(Outcome::fail(status.error().context));
      prove(cluster, proof);
    });
  });
}

void stop(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.lift(kind, [&cluster, complete = std::move(complete)](const Status& status) {
    if (!status) return complete(Outcome::fail(status.error().context));
    auto proof = std::make_shared<Proof>();
    proof->complete = complete;
    proof->report = FaultReport{kind, {}, false, false, Map{}};
    prove(cluster, proof);
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
  });
}

}  // namespace sunder
