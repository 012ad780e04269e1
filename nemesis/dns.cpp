// Names that cannot be looked up: a node that asks for another one's address is told that there is
// no such name, or told so late, or told another node's. Who has a connection does not ask: what
// this strikes is whoever has to connect anew. The proof is questions asked in the node's place.

#include <algorithm>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "dns";
constexpr const char* begin_verb = "start-dns";
constexpr const char* end_verb = "stop-dns";
constexpr Duration prompt = std::chrono::milliseconds(200);  // an answer that is not slow
constexpr int rounds_max = 3;

struct Proof {
  Cluster& cluster;
  std::set<NodeId> struck;  // empty: none is to be
  NameFault fault = NameFault::right;
  Duration delay{0};
  FaultReport report;
  Complete complete;
  std::map<NodeId, NameAnswers> told{};
  std::size_t awaited = 0;
  int rounds = 0;
  std::string error{};
};
using SharedProof = std::shared_ptr<Proof>;

NameFault fault_named(const std::string& name) {
  for (NameFault fault : {NameFault::missing, NameFault::slow, NameFault::wrong}) {
    if (to_string(fault) == name) return fault;
  }
  return NameFault::missing;
}

bool is_like(const NameAnswers::Answer& answer, NameFault fault, Duration delay) {
  switch (fault) {
    case NameFault::right: return answer.right && answer.took < prompt;
    case NameFault::missing: return answer.address.empty() && answer.took < prompt;
    case NameFault::slow: return answer.right && answer.took >= delay;
    case NameFault::wrong: return !answer.address.empty() && !answer.right;
  }
  return false;
}

/// "n1 of n2": what n1 was told of n2, where that is not as it should be.
std::vector<std::string> unlike(const Proof& proof) {
  std::vector<std::string> found;
  for (NodeId node : proof.cluster.nodes()) {
    NameFault fault = proof.struck.contains(node) ? proof.fault : NameFault::right;
    auto told = proof.told.find(node);
    for (NodeId other : proof.cluster.nodes()) {
      bool like = false;
      if (told != proof.told.end()) {
        auto answer = told->second.answers.find(other);
        like = answer != told->second.answers.end() && is_like(answer->second, fault, proof.delay);
      }
      if (!like) found.push_back(to_string(node) + " of " + to_string(other));
    }
  }
  return found;
}

Value told_value(const NameAnswers& told) {
  Map map;
  for (const auto& [node, answer] : told.answers) {
    std::string text = answer.address.empty() ? "no such name" : answer.address;
    map[to_string(node)] = text + " after " + format_duration(answer.took);
  }
  return map;
}

void prove(const SharedProof& proof);

void conclude(const SharedProof& proof) {
  if (!proof->error.empty()) return proof->complete(Outcome::fail(proof->error));
  std::vector<std::string> wrong = unlike(*proof);
  if (!wrong.empty() && ++proof->rounds < rounds_max) {
    return proof->cluster.after(evidence_pause, [proof] { prove(proof); });
  }
  Map told;
  for (NodeId node : proof->struck) told[to_string(node)] = told_value(proof->told[node]);
  Map& evidence = proof->report.evidence.map();
  if (!told.empty()) evidence["told"] = std::move(told);
  evidence["as_expected"] = static_cast<std::int64_t>(
      proof->cluster.nodes().size() * proof->cluster.nodes().size() - wrong.size());
  if (!wrong.empty()) evidence["unlike"] = to_list(wrong);
  proof->report.confirmed = wrong.empty();
  proof->complete(outcome_of(proof->report));
}

/// Asks in the place of every node.
void look_up_all(const SharedProof& proof, const std::function<void()>& then) {
  proof->awaited = proof->cluster.nodes().size();
  for (NodeId node : proof->cluster.nodes()) {
    Duration patience = proof->struck.contains(node) ? proof->delay : Duration{0};
    proof->cluster.look_up_names(node, patience,
                                 [proof, node, then](const Result<NameAnswers>& told) {
                                   if (told) proof->told[node] = *told;
                                   if (!told) proof->error = told.error().context;
                                   if (--proof->awaited == 0) then();
                                 });
  }
}

void prove(const SharedProof& proof) {
  look_up_all(proof, [proof] { conclude(proof); });
}

void bend(const SharedProof& proof, const std::vector<NodeId>& nodes, NameFault fault) {
  auto act = [proof, fault](NodeId node, Cluster::Act done) {
    proof->cluster.bend_names(node, fault, proof->delay, std::move(done));
  };
  act_on_all(nodes, act, [proof](const std::vector<std::string>& errors) {
    if (!errors.empty()) return proof->complete(Outcome::fail(errors.front()));
    prove(proof);
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  NameFault fault = fault_named(intention_of(op.value, "how", "missing"));
  const Value* stated = op.value.find("delay_ns");
  bool slow = fault == NameFault::slow;
  Duration delay = slow ? Duration{std::chrono::seconds(2)} : Duration{0};
  if (slow && stated != nullptr && stated->is_integer()) delay = Duration{stated->integer()};
  cluster.survey([=, &cluster, &scene](const NodeReports& reports) {
    std::vector<NodeId> targets = choose_targets(intention, reports, scene.rng);
    targets = afford(scene, kind, targets, reports);
    if (targets.empty()) return complete(Outcome::fail(over_budget));
    Map evidence;
    evidence["intention"] = intention;
    evidence["how"] = to_string(fault);
    evidence["roles_before"] = roles_of(reports);
    bend(std::make_shared<Proof>(
             Proof{cluster,
                   {targets.begin(), targets.end()},
                   fault,
                   delay,
                   FaultReport{kind, names_of(targets), true, false, std::move(evidence)},
                   complete}),
         targets, fault);
  });
}

/// First it is read what nodes have asked meanwhile.
void end(FaultScene& scene, Complete complete) {
  auto proof = std::make_shared<Proof>(Proof{scene.cluster,
                                             {},
                                             NameFault::right,
                                             {},
                                             FaultReport{kind, {}, false, false, Map{}},
                                             releasing(scene, kind, std::move(complete))});
  look_up_all(proof, [proof, &scene] {
    Map asked;
    for (const auto& [node, told] : proof->told) asked[to_string(node)] = told.asked;
    proof->report.evidence.map()["questions_meanwhile"] = std::move(asked);
    proof->error.clear();  // who cannot be asked is set right all the same
    std::span<const NodeId> nodes = scene.cluster.nodes();
    bend(proof, {nodes.begin(), nodes.end()}, NameFault::right);
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string targets = options.text("targets");
  std::string how = options.text("how");
  Duration delay = options.duration("delay");
  return [=](Rng& rng) {
    constexpr std::array<std::string_view, 3> mix = {"missing", "slow", "wrong"};
    Map map;
    map["targets"] = draw_intention(targets, rng);
    map["how"] = how == "mix" ? std::string(mix[rng.below(mix.size())]) : how;
    map["delay_ns"] = delay.count();
    return Value(std::move(map));
  };
}

}  // namespace

void add_dns(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary =
              "nodes that look others' names up are told of none, late, or wrong; for stores",
          .needs = {Ability::names},
          .options = {targets_option(),
                      {"how",
                       OptionSpec::Kind::choice,
                       "mix",
                       "what whoever asks is told",
                       {"mix", "missing", "slow", "wrong"}},
                      {"delay", OptionSpec::Kind::duration, "2s", "of slow answers"}},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, begin, end}));
}

}  // namespace sunder
