// Connections that are refused: for a while whoever asks a node for one is told at once that nobody
// listens there, as by a firewall that rejects or a port that is closed. Unlike under a partition
// nobody waits for time-outs. The proof is connections of our own that end with ECONNREFUSED.

#include <memory>

#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/lines.h"
#include "nemesis/policy/schedule.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "refuse";
constexpr const char* begin_verb = "start-refuse";
constexpr const char* end_verb = "stop-refuse";

struct Proof {
  Cluster& cluster;
  std::set<Link> struck;  // empty: none is to be
  FaultReport report;
  Complete complete;
  LinkTolls before{};
  int rounds = 0;
};
using SharedProof = std::shared_ptr<Proof>;

void conclude(const SharedProof& proof, bool clients_are_refused) {
  LineTrial trial{kind, between_nodes(proof->struck), LineState::refused};
  try_lines(proof->cluster, std::move(trial),
            [proof, clients_are_refused](const LineFindings& found) {
              if (!found.error.empty()) return proof->complete(Outcome::fail(found.error));
              proof->report.evidence.map()["probes"] = found.evidence;
              proof->report.confirmed = found.as_expected && clients_are_refused;
              proof->complete(outcome_of(proof->report));
            });
}

/// A node that nobody runs refuses, too: only what the rule answered proves that it did.
void judge_clients(const SharedProof& proof, const std::map<NodeId, LineState>& lines,
                   const LinkTolls& tolls) {
  ++proof->rounds;
  std::vector<std::string> unlike;
  Map seen;
  for (NodeId node : asked_by_clients(proof->struck)) {
    auto line = lines.find(node);
    LineState state = line == lines.end() ? LineState::silent : line->second;
    bool refused = state == LineState::refused && resets_since(proof->before, tolls, {node}) > 0;
    seen[to_string(node)] = to_string(state);
    if (!refused) unlike.push_back(to_string(node));
  }
  if (!unlike.empty() && proof->rounds < evidence_attempts) {
    return proof->cluster.after(evidence_pause, [proof] {
      proof->cluster.probe_clients([proof](const std::map<NodeId, LineState>& again) {
        proof->cluster.read_tolls([proof, again](const Result<LinkTolls>& now) {
          judge_clients(proof, again, now ? *now : proof->before);
        });
      });
    });
  }
  proof->report.evidence.map()["clients"] = std::move(seen);
  if (!unlike.empty()) proof->report.evidence.map()["clients_not_refused"] = to_list(unlike);
  conclude(proof, unlike.empty());
}

void prove(const SharedProof& proof) {
  if (asked_by_clients(proof->struck).empty()) return conclude(proof, true);
  proof->cluster.probe_clients([proof](const std::map<NodeId, LineState>& lines) {
    proof->cluster.read_tolls([proof, lines](const Result<LinkTolls>& tolls) {
      if (!tolls) return proof->complete(Outcome::fail(tolls.error().context));
      judge_clients(proof, lines, *tolls);
    });
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  std::string open = intention_of(op.value, "open", "reset");
  choose_lines(op, scene, kind, complete, [=, &scene](const std::set<Link>& links, Map evidence) {
    Cluster& cluster = scene.cluster;
    evidence["open"] = open;
    auto proof = std::make_shared<Proof>(Proof{
        cluster, links, FaultReport{kind, names_of_links(links), true, false, std::move(evidence)},
        complete});
    LinkModel model;
    model.refuse = true;
    model.reset = open == "reset";
    cluster.read_tolls([proof, model](const Result<LinkTolls>& tolls) {
      if (!tolls) return proof->complete(Outcome::fail(tolls.error().context));
      proof->before = *tolls;
      std::vector<Link> list(proof->struck.begin(), proof->struck.end());
      proof->cluster.impose(kind, std::move(list), model, [proof](const Status& imposed) {
        if (!imposed) return proof->complete(Outcome::fail(imposed.error().context));
        prove(proof);
      });
    });
  });
}

void end(FaultScene& scene, const Complete& complete) {
  lift_rule(scene, kind, complete, [&scene, complete] {
    prove(std::make_shared<Proof>(
        Proof{scene.cluster, {}, FaultReport{kind, {}, false, false, Map{}}, complete}));
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string targets = options.text("targets");
  std::string between = options.text("between");
  std::string open = options.text("open");
  return [=](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(targets, rng);
    map["between"] = between;
    map["open"] = open;
    return Value(std::move(map));
  };
}

}  // namespace

void add_refuse(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary = "TCP connections are refused at once, not swallowed; open ones are reset",
          .needs = {Ability::links, Ability::client_links, Ability::transport},
          .options = {targets_option(),
                      between_option(),
                      {"open",
                       OptionSpec::Kind::choice,
                       "reset",
                       "what becomes of connections that stand already",
                       {"reset", "keep"}}},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, begin, end}));
}

}  // namespace sunder
