#include "nemesis/policy/link_fault.h"

#include <algorithm>
#include <array>
#include <memory>

#include "harness/core/assert.h"
#include "nemesis/policy/acts.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/link_figures.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr int measurements_most = 3;  // of the same thing, before it is given up
constexpr Duration flood_wait = std::chrono::milliseconds(300);

OptionSpec links_option() {
  return {"links", OptionSpec::Kind::choice, "around",
          "which links of the targets: both ways, one way, or those to one other node",
          {"mix", "around", "in", "out", "single"}};
}

std::string draw_links(const std::string& option, Rng& rng) {
  constexpr std::array<std::string_view, 5> mix = {"around", "around", "in", "out", "single"};
  return option == "mix" ? std::string(mix[rng.below(mix.size())]) : option;
}

// What one op is doing, from its first measurement to its completion.
struct Act {
  Cluster& cluster;
  std::string name;
  LinkComparison seen;
  FaultReport report;
  Complete complete;
  int measurements = 0;
};
using ActPtr = std::shared_ptr<Act>;

void conclude(const ActPtr& act, const std::string& amiss) {
  act->report.confirmed = amiss.empty();
  Map& evidence = act->report.evidence.map();
  Value figures = to_value(act->seen);
  for (auto& [key, value] : figures.map()) evidence[key.text()] = std::move(value);
  evidence["measurements"] = act->measurements;
  if (!amiss.empty()) evidence["amiss"] = amiss;
  act->complete(outcome_of(act->report));
}

// Measures links into `side`, then goes on. What cannot be measured is not confirmed.
void measure(const ActPtr& act, LinkSamples LinkComparison::* side, std::function<void()> then) {
  auto measured = [act, side, then = std::move(then)](Result<LinkSamples> samples) {
    if (!samples) return act->complete(Outcome::fail(samples.error().context));
    act->seen.*side = *std::move(samples);
    then();
  };
  act->cluster.sample_links(act->seen.sampling, std::move(measured));
}

// Measures one side until the comparison is as it should be, or not any more.
void judge(const ActPtr& act, LinkSamples LinkComparison::* side,
           std::string (*amiss)(const LinkComparison&)) {
  measure(act, side, [act, side, amiss] {
    ++act->measurements;
    std::string found = amiss(act->seen);
    if (found.empty() || act->measurements == measurements_most) return conclude(act, found);
    act->cluster.after(evidence_pause, [act, side, amiss] { judge(act, side, amiss); });
  });
}

void impose(const ActPtr& act) {
  std::vector<Link> links(act->seen.struck.begin(), act->seen.struck.end());
  act->cluster.impose(act->name, std::move(links), act->seen.model, [act](const Status& status) {
    if (!status) return act->complete(Outcome::fail(status.error().context));
    judge(act, &LinkComparison::with, what_is_amiss);
  });
}

LinkModel model_of(const Value& value, const LinkModel& otherwise) {
  const Value* stated = value.find("model");
  Result<LinkModel> model = stated != nullptr ? link_model_from(*stated) : otherwise;
  return model ? *model : otherwise;
}

void start(const Op& op, FaultScene& scene, const std::string& name, const LinkModel& otherwise,
           Complete complete) {
  LinkModel model = model_of(op.value, otherwise);
  std::string whom = intention_of(op.value, "targets", "one");
  std::string which = intention_of(op.value, "links", "around");
  Cluster& cluster = scene.cluster;
  cluster.survey([=, &cluster, &scene, complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> targets = choose_targets(whom, before, scene.rng);
    std::set<Link> links = links_of(which, targets, cluster.nodes(), scene.rng);
    if (links.empty()) {
      return complete(Outcome::fail("there is no link to strike between so few nodes"));
    }
    // Only what carries nothing breaks nodes, as budgets mean it.
    if (model.hold && !afford_links(scene, name, {links.begin(), links.end()})) {
      return complete(Outcome::fail(over_budget));
    }
    Map evidence;
    evidence["intention"] = whom;
    evidence["nodes"] = to_list(names_of(targets));
    evidence["roles_before"] = roles_of(before);
    FaultReport report{name, names_of_links(links), true, false, std::move(evidence)};
    LinkComparison seen{model, sampling_for(model, links.size()), links, {}, {}};
    auto act = std::make_shared<Act>(
        Act{cluster, name, std::move(seen), std::move(report), complete});
    measure(act, &LinkComparison::without, [act] { impose(act); });
  });
}

// How long what the rule has delayed may still be under way.
Duration settling_time(const LinkModel& model) {
  Duration longest = model.delay + 8 * model.jitter + model.reorder_span;
  if (model.rate > 0) longest += std::chrono::seconds(2);  // a full line
  return std::min<Duration>(longest, std::chrono::seconds(10));
}

void lift(const ActPtr& act, std::function<void()> then) {
  act->cluster.lift(act->name, [act, then = std::move(then)](const Status& status) {
    if (!status) return act->complete(Outcome::fail(status.error().context));
    then();
  });
}

void stop_hold(const ActPtr& act) {
  // The hold ends while its links are being measured: what was sent before must come then.
  act->seen.sampling.patience = 2 * flood_wait + std::chrono::seconds(1);
  measure(act, &LinkComparison::with, [act] {
    judge(act, &LinkComparison::without, what_is_amiss_with_flood);
  });
  Duration row_time = act->seen.sampling.count * act->seen.sampling.interval;
  act->cluster.after(row_time + flood_wait, [act] {
    act->cluster.lift(act->name, [](const Status&) {});
  });
}

void stop(FaultScene& scene, const std::string& name, Complete complete) {
  Cluster& cluster = scene.cluster;
  FaultReport report{name, {}, false, false, Map{}};
  auto act = std::make_shared<Act>(
      Act{cluster, name, {}, std::move(report), releasing(scene, name, std::move(complete))});
  std::vector<LinkRule> rules = cluster.link_rules();
  auto rule = std::find_if(rules.begin(), rules.end(),
                           [&](const LinkRule& known) { return known.name == name; });
  if (rule == rules.end()) {
    return lift(act, [act] {
      act->report.confirmed = true;
      act->report.evidence.map()["was_on"] = false;
      act->complete(outcome_of(act->report));
    });
  }
  act->seen.model = rule->model;
  act->seen.struck = {rule->links.begin(), rule->links.end()};
  act->seen.sampling = sampling_for(rule->model, rule->links.size());
  act->report.targets = names_of_links(act->seen.struck);
  if (rule->model.hold) return stop_hold(act);
  measure(act, &LinkComparison::with, [act] {
    lift(act, [act] {
      act->cluster.after(settling_time(act->seen.model), [act] {
        judge(act, &LinkComparison::without, what_is_amiss);
      });
    });
  });
}

}  // namespace

Nemesis link_nemesis(LinkFault fault) {
  std::vector<OptionSpec> options = {targets_option(), links_option()};
  options.insert(options.end(), fault.options.begin(), fault.options.end());
  Result<Options> defaults = Options::parse(fault.options, {});
  ASSERT(defaults);
  LinkModel otherwise = fault.model(*defaults);
  std::string begin = "start-" + fault.name;
  std::string end = "stop-" + fault.name;
  auto schedule = [fault, begin, end](const NemesisConfig& config) {
    std::string whom = config.options.text("targets");
    std::string which = config.options.text("links");
    Value model = to_value(fault.model(config.options));
    auto intention = [whom, which, model](Rng& rng) {
      Map map;
      map["targets"] = draw_intention(whom, rng);
      map["links"] = draw_links(which, rng);
      map["model"] = model;
      return Value(std::move(map));
    };
    return on_off_schedule(config, {fault.name, begin, end, intention});
  };
  auto apply = [name = fault.name, begin, otherwise](const Op& op, FaultScene& scene,
                                                     Complete complete) {
    if (op.verb == begin) return start(op, scene, name, otherwise, std::move(complete));
    stop(scene, name, std::move(complete));
  };
  return Nemesis{
      .name = fault.name,
      .summary = fault.summary,
      .needs = {Ability::links, Ability::link_quality},
      .options = std::move(options),
      .verbs = {begin, end},
      .schedule = schedule,
      .recovery = [end](const NemesisConfig& config) { return recovery_op(config, end); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  };
}

OptionSpec percent_option(std::string name, std::string fallback, std::string help) {
  OptionSpec spec{std::move(name), OptionSpec::Kind::integer, std::move(fallback), std::move(help)};
  spec.least = 1;
  spec.most = 100;
  return spec;
}

Ratio percent(const Options& options, std::string_view name) {
  return {static_cast<std::uint32_t>(options.integer(name)), 100};
}

std::set<Link> links_of(std::string_view which, const std::vector<NodeId>& targets,
                        std::span<const NodeId> nodes, Rng& rng) {
  std::set<Link> links;
  if (which == "single") {
    if (nodes.size() < 2 || targets.empty()) return links;
    NodeId one = targets[rng.below(targets.size())];
    std::vector<NodeId> rest(nodes.begin(), nodes.end());
    std::erase(rest, one);
    NodeId other = rest[rng.below(rest.size())];
    return {{one, other}, {other, one}};
  }
  for (NodeId target : targets) {
    for (NodeId other : nodes) {
      if (other == target) continue;
      if (which != "in") links.insert({target, other});
      if (which != "out") links.insert({other, target});
    }
  }
  return links;
}

}  // namespace sunder
