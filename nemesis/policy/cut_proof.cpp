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

// Links that another fault keeps from carrying anything just now.
std::set<Link> cut_by_others(const Cluster& cluster, const std::string& own) {
  std::set<Link> links;
  for (const LinkRule& rule : cluster.link_rules()) {
    if (rule.name.starts_with(own) || !(rule.model.blocked || rule.model.hold)) continue;
    links.insert(rule.links.begin(), rule.links.end());
  }
  return links;
}

void prove(Cluster& cluster, const std::shared_ptr<Proof>& proof) {
  cluster.probe_links([&cluster, proof](const LinkProbe& probe) {
    ++proof->rounds;
    proof->alive.insert(probe.delivered.begin(), probe.delivered.end());
    std::set<Link> leaked;  // cut, yet not seen to be lost
    for (const Link& link : proof->cut) {
      if (!probe.lost.contains(link) || probe.delivered.contains(link)) leaked.insert(link);
    }
    std::set<Link> others = cut_by_others(cluster, proof->report.kind);
    std::set<Link> silent;  // not cut, yet never seen to deliver
    for (const Link& link : probe.lost) {
      bool explained = proof->cut.contains(link) || others.contains(link);
      if (!explained && !proof->alive.contains(link)) silent.insert(link);
    }
    bool proved = leaked.empty() && silent.empty();
    if (proved || proof->rounds == evidence_attempts) {
      return conclude(*proof, probe, leaked, silent);
    }
    cluster.after(evidence_pause, [&cluster, proof] { prove(cluster, proof); });
  });
}

}  // namespace

void prove_cut(Cluster& cluster, std::set<Link> cut, FaultReport report,
               std::function<void(Outcome)> complete) {
  prove(cluster, std::make_shared<Proof>(
                     Proof{std::move(cut), std::move(report), std::move(complete)}));
}

std::vector<std::string> names_of_links(const std::set<Link>& links) {
  std::vector<std::string> names;
  for (const Link& link : links) {
    names.push_back(to_string(link.source) + ">" + to_string(link.target));
  }
  return names;
}

}  // namespace sunder
