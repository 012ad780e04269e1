// Changes of membership, as operators make them: the leader is asked for other voters. Each change
// is over when it is committed, and the next goes on from there; recovery asks for those that there
// were at first.

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"
#include "nemesis/policy/voters.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;
using Nodes = std::vector<NodeId>;

constexpr const char* kind = "members";
constexpr const char* change_verb = "change-members";
constexpr const char* restore_verb = "restore-members";
constexpr int restore_patience = 300;  // looks: the other faults may just be ending, too

struct Change {
  FaultScene& scene;
  Nodes wanted;
  int looks_left;
  FaultReport report;
  Complete complete;
  std::int64_t asked = 0;
  std::int64_t taken_up = 0;
  std::string refusal{};  // the last one
};

Value names(const Nodes& nodes) { return to_list(names_of(nodes)); }

std::string joined(const Nodes& nodes) {
  std::string text;
  for (NodeId node : nodes) text += (text.empty() ? "" : ",") + to_string(node);
  return text;
}

/// The voters that there were before the first change; nothing when there was none.
std::optional<Nodes> voters_at_first(const FaultScene& scene) {
  if (!scene.notes.is_list()) return {};
  Nodes nodes;
  for (const Value& name : scene.notes.list()) nodes.push_back(*parse_node_id(name.text()));
  return nodes;
}

Nodes difference(const Nodes& a, const Nodes& b) {
  Nodes nodes;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(),
                                std::back_inserter(nodes));
  return nodes;
}

// Whoever is no voter counts as broken: a majority of all nodes that are sound and vote is then a
// majority of the voters, too.
bool afford_voters(FaultScene& scene, const Nodes& voters) {
  Nodes others;
  for (NodeId node : scene.cluster.nodes()) {
    if (std::find(voters.begin(), voters.end(), node) == voters.end()) others.push_back(node);
  }
  release(scene, kind);
  return others.empty() || afford_all(scene, kind, others);
}

void conclude(const std::shared_ptr<Change>& change, bool done, const Reports& after) {
  FaultReport report = change->report;
  report.confirmed = done;
  if (done && report.on) afford_voters(change->scene, change->wanted);
  if (done && !report.on) release(change->scene, kind);
  Map& evidence = report.evidence.map();
  Nodes agreed;
  for (const NodeReport& node : after) {
    if (node.reachable && node.status.voters == change->wanted) agreed.push_back(node.node);
  }
  const NodeReport* leader = leading(after);
  evidence["asked"] = change->asked;
  evidence["taken_up"] = change->taken_up;
  evidence["said_by"] = names(agreed);
  evidence["roles_after"] = roles_of(after);
  if (leader != nullptr) evidence["voters_after"] = names(leader->status.voters);
  if (!done && !change->refusal.empty()) evidence["refusal"] = change->refusal;
  change->complete(outcome_of(report));
}

// Asks again and again whoever leads: a leader may die before others have heard of the change, give
// it up because newcomers are slow, or exchange voters only one at a time.
void drive(const std::shared_ptr<Change>& change) {
  Cluster& cluster = change->scene.cluster;
  cluster.survey([change, &cluster](const Reports& reports) {
    const NodeReport* leader = leading(reports);
    bool done = are_voters(change->wanted, reports);
    if (done || change->looks_left == 0) return conclude(change, done, reports);
    --change->looks_left;
    auto go_on = [change, &cluster] { cluster.after(evidence_pause, [change] { drive(change); }); };
    if (leader == nullptr) return go_on();
    ++change->asked;
    cluster.instruct(leader->node, std::string(change_voters), names(change->wanted),
                     [change, go_on](const Status& status) {
                       if (status) ++change->taken_up;
                       if (!status) change->refusal = status.error().context;
                       go_on();
                     });
  });
}

std::int64_t number_in(const Value& value, std::string_view key, std::int64_t otherwise) {
  const Value* found = value.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : otherwise;
}

void begin_now(const Op& op, FaultScene& scene, const Reports& before, const Complete& complete) {
  const NodeReport* leader = leading(before);
  if (leader == nullptr) return complete(Outcome::fail("no node leads"));
  Nodes voters = leader->status.voters;
  if (voters.empty()) {
    return complete(Outcome::fail(to_string(leader->node) + " does not say who votes now"));
  }
  std::string intention = intention_of(op.value, "targets", "any");
  auto least = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_in(op.value, "least", 3), 1, 1000));
  Nodes wanted = choose_voters(intention, voters, before, least, scene.rng);
  if (wanted.empty() || wanted == voters) {
    return complete(Outcome::fail("no other voters are possible now"));
  }
  Nodes stay;
  std::set_intersection(voters.begin(), voters.end(), wanted.begin(), wanted.end(),
                        std::back_inserter(stay));
  if (!afford_voters(scene, stay)) {
    afford_voters(scene, voters);
    return complete(Outcome::fail(over_budget));
  }
  if (!voters_at_first(scene)) scene.notes = names(voters);
  Map evidence;
  evidence["intention"] = intention;
  evidence["voters_before"] = names(voters);
  evidence["voters_wanted"] = names(wanted);
  evidence["roles_before"] = roles_of(before);
  FaultReport report{kind, names_of(difference(voters, wanted)), true, false, std::move(evidence),
                     true};
  auto patience = static_cast<int>(
      std::clamp<std::int64_t>(number_in(op.value, "patience", 30), 1, 10'000));
  drive(std::make_shared<Change>(Change{scene, wanted, patience, std::move(report), complete}));
}

void restore(FaultScene& scene, Complete complete) {
  scene.cluster.survey([&scene, complete](const Reports& before) {
    std::optional<Nodes> wanted = voters_at_first(scene);
    const NodeReport* leader = leading(before);
    Nodes voters = leader != nullptr ? leader->status.voters : Nodes{};
    Map evidence;
    evidence["voters_before"] = names(voters);
    FaultReport report{kind, {}, false, true, std::move(evidence)};
    if (!wanted) return complete(outcome_of(report));  // nothing was ever changed
    report.targets = names_of(difference(voters, *wanted));
    report.evidence.map()["voters_wanted"] = names(*wanted);
    drive(std::make_shared<Change>(Change{scene, *wanted, restore_patience, report, complete}));
  });
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb != change_verb) return restore(scene, std::move(complete));
  scene.cluster.survey([op, &scene, complete](const Reports& before) {
    begin_now(op, scene, before, complete);
  });
}

std::string left(const Reports& reports, const FaultScene& scene) {
  std::optional<Nodes> wanted = voters_at_first(scene);
  if (!wanted) return {};
  if (are_voters(*wanted, reports)) return {};
  const NodeReport* leader = leading(reports);
  if (leader == nullptr) return "nobody leads who could say who votes";
  if (leader->status.voters == *wanted) {
    return "not enough nodes say that the voters are " + joined(*wanted) + " again";
  }
  return to_string(leader->node) + " says that the voters are " +
         joined(leader->status.voters) + "; at first they were " + joined(*wanted);
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("targets");
  std::int64_t least = config.options.integer("least");
  std::int64_t patience = config.options.duration("patience") / evidence_pause;
  auto intention = [option, least, patience](Rng& rng) {
    Map map;
    map["targets"] = draw_exchange(option, rng);
    map["least"] = least;
    map["patience"] = patience;
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, change_verb, "", intention});
}

}  // namespace

void add_members(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "adds, removes and exchanges voters, later restores them; for systems whose "
                 "leaders can be asked to",
      .needs = {},
      .options = {exchange_option(),
                  {"least", OptionSpec::Kind::integer, "3", "voters that there always are", {},
                   false, 1, 1000},
                  {"patience", OptionSpec::Kind::duration, "3s",
                   "how long a change may take to be committed"}},
      .verbs = {change_verb, restore_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, restore_verb); },
      .apply = apply,
      .in_all = false,
      .instructs = {std::string(change_voters)},
      .left = left,
  });
}

}  // namespace sunder
