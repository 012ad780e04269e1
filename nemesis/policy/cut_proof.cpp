#include "nemesis/policy/cut_proof.h"

#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

// What probes have shown so far. A probe over a link that was not cut may be lost by chance, so one
// that arrives in any round counts; over a cut link none may arrive in the last round.
struct Proof {
  std::set<Link> cut;
  FaultReport report;
  std::function<void(Outcome)> complete;
  std::uint16_t port = 0;  // 0: all are probed as one
  std::set<Link> alive{};
  LinkProbe elsewhere{};   // by other ports
  std::set<Link> alive_elsewhere{};
  int rounds = 0;
};

/// Links over which nothing ever came, and nobody says why.
std::set<Link> unexplained(const std::set<Link>& lost, const std::set<Link>& alive,
                           const std::set<Link>& explained) {
  std::set<Link> found;
  for (const Link& link : lost) {
    if (!explained.contains(link) && !alive.contains(link)) found.insert(link);
  }
  return found;
}

void conclude(const Cluster& cluster, Proof& proof, const LinkProbe& probe,
              const std::set<Link>& leaked, const std::set<Link>& silent) {
  std::set<Link> hit = unexplained(proof.elsewhere.lost, proof.alive_elsewhere,
                                   cut_by_others(cluster, proof.report.kind));
  proof.report.confirmed = leaked.empty() && silent.empty() && hit.empty();
  Map& evidence = proof.report.evidence.map();
  evidence["delivered"] = static_cast<std::int64_t>(probe.delivered.size());
  evidence["lost"] = static_cast<std::int64_t>(probe.lost.size());
  evidence["probes"] = proof.rounds;
  if (proof.port > 0) {
    evidence["delivered_by_other_ports"] =
        static_cast<std::int64_t>(proof.elsewhere.delivered.size());
  }
  if (!hit.empty()) evidence["lost_by_other_ports"] = to_list(names_of_links(hit));
  if (!leaked.empty()) evidence["leaked"] = to_list(names_of_links(leaked));
  if (!silent.empty()) evidence["lost_but_not_cut"] = to_list(names_of_links(silent));
  proof.complete(outcome_of(proof.report));
}

void prove(Cluster& cluster, const std::shared_ptr<Proof>& proof);

void judge(Cluster& cluster, const std::shared_ptr<Proof>& proof, const LinkProbe& probe) {
  ++proof->rounds;
  proof->alive.insert(probe.delivered.begin(), probe.delivered.end());
  std::set<Link> leaked;  // cut, yet not seen to be lost
  for (const Link& link : proof->cut) {
    if (!probe.lost.contains(link) || probe.delivered.contains(link)) leaked.insert(link);
  }
  std::set<Link> others = cut_by_others(cluster, proof->report.kind);
  std::set<Link> explained = others;
  explained.insert(proof->cut.begin(), proof->cut.end());
  std::set<Link> silent = unexplained(probe.lost, proof->alive, explained);
  bool hit = !unexplained(proof->elsewhere.lost, proof->alive_elsewhere, others).empty();
  bool proved = leaked.empty() && silent.empty() && !hit;
  if (proved || proof->rounds == evidence_attempts) {
    return conclude(cluster, *proof, probe, leaked, silent);
  }
  cluster.after(evidence_pause, [&cluster, proof] { prove(cluster, proof); });
}

void prove(Cluster& cluster, const std::shared_ptr<Proof>& proof) {
  auto by_any_port = [&cluster, proof](const LinkProbe& probe) { judge(cluster, proof, probe); };
  if (proof->port == 0) return cluster.probe_links(by_any_port);
  cluster.probe_links([&cluster, proof, by_any_port](const LinkProbe& elsewhere) {
    proof->elsewhere = elsewhere;
    proof->alive_elsewhere.insert(elsewhere.delivered.begin(), elsewhere.delivered.end());
    cluster.probe_port(proof->port, by_any_port);
  });
}

}  // namespace

void prove_cut(Cluster& cluster, std::set<Link> cut, FaultReport report,
               std::function<void(Outcome)> complete) {
  prove(cluster, std::make_shared<Proof>(
                     Proof{std::move(cut), std::move(report), std::move(complete)}));
}

void prove_port_cut(Cluster& cluster, std::set<Link> cut, std::uint16_t port, FaultReport report,
                    std::function<void(Outcome)> complete) {
  prove(cluster, std::make_shared<Proof>(
                     Proof{std::move(cut), std::move(report), std::move(complete), port}));
}

std::set<Link> cut_by_others(const Cluster& cluster, const std::string& own) {
  std::set<Link> links;
  for (const LinkRule& rule : cluster.link_rules()) {
    bool carries = !rule.model.blocks_all() && !rule.model.hold;
    if (rule.name.starts_with(own) || carries) continue;
    links.insert(rule.links.begin(), rule.links.end());
  }
  return links;
}

std::vector<std::string> names_of_links(const std::set<Link>& links) {
  std::vector<std::string> names;
  for (const Link& link : links) {
    names.push_back(to_string(link.source) + ">" + to_string(link.target));
  }
  return names;
}

}  // namespace sunder
