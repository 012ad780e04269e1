#include "nemesis/policy/lines.h"

#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"

namespace sunder {
namespace {

struct TrialOfLines {
  Cluster& cluster;
  LineTrial asked;
  std::function<void(const LineFindings&)> done;
  int rounds = 0;
};

/// Links over which rules of others keep connections from standing, in both their directions: a
/// connection needs both.
std::set<Link> troubled_by_others(const Cluster& cluster, const std::string& own) {
  std::set<Link> links = cut_by_others(cluster, own);
  for (const LinkRule& rule : cluster.link_rules()) {
    bool ends_connections = rule.model.refuse || rule.model.reset;
    if (rule.name == own || !ends_connections) continue;
    links.insert(rule.links.begin(), rule.links.end());
  }
  std::set<Link> both = links;
  for (const Link& link : links) both.insert({link.target, link.source});
  return both;
}

struct Judgement {
  std::vector<std::string> unlike;  // what was expected: "n1>n2 open"
  std::int64_t excused = 0;         // connections that rules of others keep from standing
};

Judgement judge(const TrialOfLines& trial, const Lines& lines) {
  std::set<Link> troubled = troubled_by_others(trial.cluster, trial.asked.own);
  Judgement judgement;
  for (const auto& [link, state] : lines) {
    bool struck = trial.asked.struck.contains(link);
    if (state == (struck ? trial.asked.expected : LineState::open)) continue;
    if (!struck && troubled.contains(link)) {
      ++judgement.excused;
      continue;
    }
    judgement.unlike.push_back(names_of_links({link}).front() + " " +
                               std::string(to_string(state)));
  }
  return judgement;
}

Map evidence_of(const Lines& lines, const Judgement& judgement) {
  std::map<LineState, std::int64_t> counts;
  for (const auto& [link, state] : lines) ++counts[state];
  Map evidence;
  for (const auto& [state, count] : counts) evidence[to_string(state)] = count;
  if (judgement.excused > 0) evidence["by_other_faults"] = judgement.excused;
  if (!judgement.unlike.empty()) evidence["unlike"] = to_list(judgement.unlike);
  return evidence;
}

void try_once(const std::shared_ptr<TrialOfLines>& trial) {
  auto conclude = [trial](const Result<Lines>& lines) {
    ++trial->rounds;
    LineFindings findings;
    if (!lines) {
      findings.error = lines.error().context;
      return trial->done(findings);
    }
    Judgement judgement = judge(*trial, *lines);
    if (!judgement.unlike.empty() && trial->rounds < evidence_attempts) {
      return trial->cluster.after(evidence_pause, [trial] { try_once(trial); });
    }
    findings.evidence = evidence_of(*lines, judgement);
    findings.as_expected = judgement.unlike.empty() && !lines->empty();
    trial->done(findings);
  };
  if (trial->asked.anew) {
    trial->cluster.dial_links(trial->asked.own, conclude);
  } else {
    trial->cluster.talk_over_links(trial->asked.own, conclude);
  }
}

}  // namespace

OptionSpec between_option() {
  return {"between",
          OptionSpec::Kind::choice,
          "nodes",
          "whose connections with the targets",
          {"nodes", "clients", "both"}};
}

std::set<Link> links_between(const std::string& between, const std::vector<NodeId>& targets,
                             std::span<const NodeId> nodes) {
  std::vector<NodeId> others;
  if (between != "clients") others.assign(nodes.begin(), nodes.end());
  if (between != "nodes") others.push_back(NodeId::all_clients());
  std::set<Link> links;
  for (NodeId target : targets) {
    for (NodeId other : others) {
      if (other != target) links.insert({{target, other}, {other, target}});
    }
  }
  return links;
}

void choose_lines(const Op& op, FaultScene& scene, const std::string& fault,
                  std::function<void(Outcome)> complete,
                  std::function<void(const std::set<Link>&, Map evidence)> then) {
  std::string intention = intention_of(op.value, "targets", "one");
  std::string between = intention_of(op.value, "between", "nodes");
  scene.cluster.survey([=, &scene](const NodeReports& reports) {
    std::vector<NodeId> targets = choose_targets(intention, reports, scene.rng);
    std::set<Link> links = links_between(between, targets, scene.cluster.nodes());
    std::set<Link> inner = between_nodes(links);
    if (links.empty()) {
      return complete(Outcome::fail("there is no link to strike between so few nodes"));
    }
    if (!afford_links(scene, fault, {inner.begin(), inner.end()})) {
      return complete(Outcome::fail(over_budget));
    }
    Map evidence;
    evidence["intention"] = intention;
    evidence["between"] = between;
    evidence["roles_before"] = roles_of(reports);
    then(links, std::move(evidence));
  });
}

std::set<Link> between_nodes(const std::set<Link>& links) {
  std::set<Link> found;
  for (const Link& link : links) {
    if (link.source.is_node() && link.target.is_node()) found.insert(link);
  }
  return found;
}

std::vector<NodeId> asked_by_clients(const std::set<Link>& links) {
  std::vector<NodeId> nodes;
  for (const Link& link : links) {
    if (!link.source.is_node()) nodes.push_back(link.target);
  }
  return nodes;
}

void try_lines(Cluster& cluster, LineTrial trial, std::function<void(const LineFindings&)> done) {
  try_once(
      std::make_shared<TrialOfLines>(TrialOfLines{cluster, std::move(trial), std::move(done)}));
}

std::int64_t resets_since(const LinkTolls& before, const LinkTolls& after,
                          const std::set<NodeId>& nodes) {
  std::int64_t sum = 0;
  for (NodeId node : nodes) {
    auto then = before.find(node);
    auto now = after.find(node);
    if (now != after.end()) sum += now->second.resets;
    if (then != before.end()) sum -= then->second.resets;
  }
  return sum;
}

}  // namespace sunder
