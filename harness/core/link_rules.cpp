#include "harness/core/link_rules.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder {

LinkRules::LinkRules(std::size_t nodes, const LinkModel& base, std::uint64_t seed)
    : nodes_(nodes), base_(base), seed_(seed), states_(nodes * nodes + 2 * nodes) {
  for (std::size_t i = 0; i < states_.size(); ++i) states_[i].lanes = lanes_for("link", i);
  recompute();
}

std::size_t LinkRules::number_of(Link link) const {
  ASSERT(link.source.is_node() || link.target.is_node());
  auto source = static_cast<std::size_t>(link.source.index);
  auto target = static_cast<std::size_t>(link.target.index);
  ASSERT(!link.source.is_node() || source < nodes_);
  ASSERT(!link.target.is_node() || target < nodes_);
  if (link.source.is_node() && link.target.is_node()) return source * nodes_ + target;
  std::size_t first = nodes_ * nodes_;
  return link.target.is_node() ? first + 2 * target : first + 2 * source + 1;
}

LinkRules::Lanes LinkRules::lanes_for(const std::string& purpose, std::size_t link) const {
  return {LinkLane{Rng(seed_, Stream::of(purpose, link))},
          LinkLane{Rng(seed_, Stream::of(purpose + " probe", link))}};
}

void LinkRules::impose(const std::string& name, const std::vector<Link>& links,
                       const LinkModel& model) {
  std::erase_if(rules_, [&](const Rule& known) { return known.said.name == name; });
  Rule rule{{name, links, model}, std::vector<Lanes>(states_.size())};
  std::string purpose = "link rule " + name + " " + std::to_string(imposed_++);
  for (const Link& link : links) {
    std::size_t at = number_of(link);
    if (link.source != link.target) rule.lanes[at] = lanes_for(purpose, at);
  }
  rules_.push_back(std::move(rule));
  recompute();
}

void LinkRules::lift(const std::string& name) {
  std::erase_if(rules_, [&](const Rule& known) { return known.said.name == name; });
  recompute();
}

std::vector<LinkRule> LinkRules::in_force() const {
  std::vector<LinkRule> rules;
  for (const Rule& rule : rules_) rules.push_back(rule.said);
  return rules;
}

void LinkRules::recompute() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    State& state = states_[i];
    state.blocked = false;
    state.holds = false;
    state.keeps_order = true;
    state.rate = 0;
    state.frame_max = 0;
    state.filter = {};
    add(state, base_);
    for (const Rule& rule : rules_) {
      if (!rule.lanes[i].empty()) add(state, rule.said.model);
    }
  }
}

void LinkRules::add(State& state, const LinkModel& model) const {
  auto lower = [](std::int64_t& known, std::int64_t other) {
    if (other > 0) known = known > 0 ? std::min(known, other) : other;
  };
  state.blocked = state.blocked || model.blocks_all();
  if (model.blocked && model.port > 0) state.filter.blocked_ports.push_back(model.port);
  state.filter.refuses = state.filter.refuses || model.refuse;
  state.filter.resets = state.filter.resets || model.reset;
  state.holds = state.holds || model.hold;
  bool overtaking = model.jitter.count() > 0 && model.spread != Spread::exponential;
  if (overtaking || model.reorder.numerator > 0) state.keeps_order = false;
  lower(state.rate, model.rate);
  lower(state.frame_max, model.frame_max);
}

Fate LinkRules::decide(std::size_t link, Lane lane) {
  State& state = states_[link];
  if (state.blocked) return {};
  auto which = static_cast<std::size_t>(lane);
  Fate fate = decide_fate(base_, state.lanes[which]);
  for (Rule& rule : rules_) {
    if (rule.lanes[link].empty()) continue;
    LinkLane& own = rule.lanes[link][which];
    std::uint64_t before = own.rng.draws();
    fate = then(fate, decide_fate(rule.said.model, own));
    if (lane == Lane::traffic) rule_draws_ += own.rng.draws() - before;
  }
  return fate;
}

std::uint64_t LinkRules::base_draws(std::size_t link) const {
  return states_[link].lanes[static_cast<std::size_t>(Lane::traffic)].rng.draws();
}

}  // namespace sunder
