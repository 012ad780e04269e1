// Cuts between clients and nodes, while the nodes still see each other: what clients ask never
// arrives, or what they are answered, or both. The proof is that they get no answer from exactly
// these nodes, that packets of the right direction were taken, and a probe over every link between
// nodes.

#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "client-cut";
constexpr const char* begin_verb = "start-client-cut";
constexpr const char* end_verb = "stop-client-cut";

struct Proof {
  Cluster& cluster;
  std::set<Link> cut;  // empty: none is to be
  FaultReport report;
  Complete complete;
  LinkTolls before{};
  LinkTolls after{};
  std::map<NodeId, LineState> lines{};
  std::set<Link> alive{};  // between nodes
  int rounds = 0;
};
using SharedProof = std::shared_ptr<Proof>;

bool cuts(const Proof& proof, NodeId source, NodeId target) {
  return proof.cut.contains(Link{source, target});
}

bool cuts_requests(const Proof& proof, NodeId node) {
  return cuts(proof, NodeId::all_clients(), node);
}

bool is_cut_off(const Proof& proof, NodeId node) {
  return cuts_requests(proof, node) || cuts(proof, node, NodeId::all_clients());
}

/// Packets of the direction that is cut first: behind it little is left for the other to take.
std::int64_t taken(const Proof& proof, NodeId node) {
  auto before = proof.before.find(node);
  auto after = proof.after.find(node);
  if (after == proof.after.end()) return 0;
  LinkToll none = before == proof.before.end() ? LinkToll{} : before->second;
  return cuts_requests(proof, node) ? after->second.requests - none.requests
                                    : after->second.replies - none.replies;
}

/// What is not as it should be, by its name in the evidence.
std::map<std::string, std::vector<std::string>> what_is_wrong(const Proof& proof,
                                                              const std::set<Link>& lost) {
  std::map<std::string, std::vector<std::string>> wrong;
  for (NodeId node : proof.cluster.nodes()) {
    auto line = proof.lines.find(node);
    bool silent = line == proof.lines.end() || line->second == LineState::silent;
    std::string name = to_string(node);
    if (is_cut_off(proof, node)) {
      if (!silent) wrong["still_answers"].push_back(name);
      if (taken(proof, node) <= 0) wrong["nothing_taken"].push_back(name);
    } else if (silent) {
      wrong["silent_but_not_cut"].push_back(name);
    }
  }
  std::set<Link> others = cut_by_others(proof.cluster, kind);
  for (const Link& link : lost) {
    if (others.contains(link) || proof.alive.contains(link)) continue;
    wrong["lost_between_nodes"].push_back(names_of_links({link}).front());
  }
  return wrong;
}

void prove(const SharedProof& proof);

void conclude(const SharedProof& proof, const LinkProbe& probe) {
  ++proof->rounds;
  proof->alive.insert(probe.delivered.begin(), probe.delivered.end());
  auto wrong = what_is_wrong(*proof, probe.lost);
  if (!wrong.empty() && proof->rounds < evidence_attempts) {
    return proof->cluster.after(evidence_pause, [proof] { prove(proof); });
  }
  Map& evidence = proof->report.evidence.map();
  Map lines;
  for (const auto& [node, state] : proof->lines) lines[to_string(node)] = to_string(state);
  evidence["answers"] = std::move(lines);
  Map packets;
  for (NodeId node : proof->cluster.nodes()) {
    if (is_cut_off(*proof, node)) packets[to_string(node)] = taken(*proof, node);
  }
  if (!proof->cut.empty()) evidence["packets_taken"] = std::move(packets);
  evidence["delivered_between_nodes"] = static_cast<std::int64_t>(probe.delivered.size());
  for (const auto& [what, names] : wrong) evidence[what] = to_list(names);
  proof->report.confirmed = wrong.empty();
  proof->complete(outcome_of(proof->report));
}

void prove(const SharedProof& proof) {
  proof->cluster.probe_clients([proof](const std::map<NodeId, LineState>& lines) {
    proof->lines = lines;
    proof->cluster.read_tolls([proof](const Result<LinkTolls>& tolls) {
      if (!tolls) return proof->complete(Outcome::fail(tolls.error().context));
      proof->after = *tolls;
      proof->cluster.probe_links([proof](const LinkProbe& probe) { conclude(proof, probe); });
    });
  });
}

std::set<Link> links_of_clients(const std::vector<NodeId>& targets, const std::string& way) {
  std::set<Link> links;
  for (NodeId node : targets) {
    if (way != "replies") links.insert({NodeId::all_clients(), node});
    if (way != "requests") links.insert({node, NodeId::all_clients()});
  }
  return links;
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  std::string way = intention_of(op.value, "way", "both");
  cluster.survey([&cluster, &scene, intention, way, complete](const NodeReports& reports) {
    std::vector<NodeId> targets = choose_targets(intention, reports, scene.rng);
    std::set<Link> links = links_of_clients(targets, way);
    Map evidence;
    evidence["intention"] = intention;
    evidence["way"] = way;
    evidence["roles_before"] = roles_of(reports);
    FaultReport report{kind, names_of_links(links), true, false, std::move(evidence)};
    auto proof = std::make_shared<Proof>(Proof{cluster, links, std::move(report), complete});
    cluster.read_tolls([proof](const Result<LinkTolls>& tolls) {
      if (!tolls) return proof->complete(Outcome::fail(tolls.error().context));
      proof->before = *tolls;
      LinkModel blocked;
      blocked.blocked = true;
      std::vector<Link> list(proof->cut.begin(), proof->cut.end());
      proof->cluster.impose(kind, std::move(list), blocked, [proof](const Status& imposed) {
        if (!imposed) return proof->complete(Outcome::fail(imposed.error().context));
        prove(proof);
      });
    });
  });
}

void end(FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  cluster.lift(kind, [&cluster, complete = std::move(complete)](const Status& lifted) {
    if (!lifted) return complete(Outcome::fail(lifted.error().context));
    prove(std::make_shared<Proof>(
        Proof{cluster, {}, FaultReport{kind, {}, false, false, Map{}}, complete}));
  });
}

std::string draw_way(const std::string& option, Rng& rng) {
  constexpr std::array<std::string_view, 4> mix = {"both", "both", "requests", "replies"};
  return option == "mix" ? std::string(mix[rng.below(mix.size())]) : option;
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string targets = options.text("targets");
  std::string way = options.text("way");
  return [targets, way](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(targets, rng);
    map["way"] = draw_way(way, rng);
    return Value(std::move(map));
  };
}

}  // namespace

void add_client_cut(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary = "cuts nodes off from clients, one way or both; nodes still see each other",
          .needs = {Ability::links, Ability::client_links},
          .options = {targets_option(),
                      {"way",
                       OptionSpec::Kind::choice,
                       "mix",
                       "what no longer arrives",
                       {"mix", "both", "requests", "replies"}}},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, begin, end}));
}

}  // namespace sunder
