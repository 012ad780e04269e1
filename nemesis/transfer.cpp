// Transfers of leadership, as operators ask for them before they take a leader down.

#include <algorithm>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"
#include "nemesis/policy/voters.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "transfer";
constexpr const char* transfer_verb = "transfer-leadership";
constexpr const char* await_verb = "await-leader";
constexpr int transfer_looks = 20;
constexpr int await_looks = 300;  // the other faults may just be ending, too

/// Somebody who votes and runs, or whoever is named. Nothing when there is nobody but the leader.
std::optional<NodeId> choose_heir(std::string_view intention, const NodeReport& leader,
                                  const Reports& reports, Rng& rng) {
  std::vector<NodeId> heirs = named_nodes(intention, reports);
  if (heirs.empty()) {
    heirs = running_among(shuffled_nodes(reports, rng), reports);
    const std::vector<NodeId>& voters = leader.status.voters;
    std::erase_if(heirs, [&](NodeId node) {
      return !voters.empty() && std::find(voters.begin(), voters.end(), node) == voters.end();
    });
  }
  std::erase(heirs, leader.node);
  if (heirs.empty()) return {};
  return heirs.front();
}

void await_heir(FaultScene& scene, NodeId heir, std::int64_t term, FaultReport report,
                Complete complete) {
  auto leads = [heir, term](const Reports& reports) {
    const NodeReport* leader = leading(reports);
    return leader != nullptr && leader->node == heir && leader->status.term > term;
  };
  survey_until(
      scene.cluster, leads,
      [report = std::move(report), complete](bool holds, const Reports& after) {
        FaultReport done = report;
        done.confirmed = holds;
        Map& evidence = done.evidence.map();
        evidence["roles_after"] = roles_of(after);
        if (const NodeReport* leader = leading(after)) evidence["term"] = leader->status.term;
        complete(outcome_of(done));
      },
      transfer_looks);
}

void begin_now(const Op& op, FaultScene& scene, const Reports& before, const Complete& complete) {
  const NodeReport* leader = leading(before);
  if (leader == nullptr) return complete(Outcome::fail("no node leads"));
  std::string intention = intention_of(op.value, "targets", "one");
  std::optional<NodeId> heir = choose_heir(intention, *leader, before, scene.rng);
  if (!heir) return complete(Outcome::fail("nobody else could lead"));
  std::int64_t term = leader->status.term;
  Map evidence;
  evidence["from"] = to_string(leader->node);
  evidence["term_before"] = term;
  evidence["roles_before"] = roles_of(before);
  FaultReport report{kind, {to_string(*heir)}, true, false, std::move(evidence), true};
  scene.cluster.instruct(leader->node, std::string(transfer_leadership), to_string(*heir),
                         [&scene, heir, term, report, complete](const Status& status) {
                           bool refused =
                               !status && status.error().code == Error::Code::refused;
                           if (refused) return complete(Outcome::fail(status.error().context));
                           FaultReport asked = report;
                           if (!status) asked.evidence.map()["answer"] = status.error().context;
                           await_heir(scene, *heir, term, std::move(asked), complete);
                         });
}

void await_leader(FaultScene& scene, Complete complete) {
  survey_until(
      scene.cluster, [](const Reports& reports) { return leading(reports) != nullptr; },
      [complete](bool holds, const Reports& after) {
        Map evidence;
        evidence["roles_after"] = roles_of(after);
        complete(outcome_of(FaultReport{kind, {}, false, holds, std::move(evidence)}));
      },
      await_looks);
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb != transfer_verb) return await_leader(scene, std::move(complete));
  scene.cluster.survey([op, &scene, complete](const Reports& before) {
    begin_now(op, scene, before, complete);
  });
}

Generator schedule(const NemesisConfig& config) {
  auto intention = [](Rng&) {
    Map map;
    map["targets"] = "one";
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, transfer_verb, "", intention});
}

}  // namespace

void add_transfer(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "hands the leadership to another node; for systems whose leaders can be asked to",
      .needs = {},
      .options = {{"targets", OptionSpec::Kind::choice, "one", "who is to lead", {"one"}}},
      .verbs = {transfer_verb, await_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, await_verb); },
      .apply = apply,
      .in_all = false,
      .instructs = {std::string(transfer_leadership)},
  });
}

}  // namespace sunder
