#include "harness/agent/link_plan.h"

#include <algorithm>

#include "harness/faultkit/netem.h"
#include "harness/faultkit/shaping.h"

namespace sunder {
namespace {

using Models = std::map<std::size_t, LinkModel>;  // by target

Models shaped_links(const std::vector<LinkRule>& rules) {
  std::map<std::size_t, int> rules_on;
  Models shaped;
  for (const LinkRule& rule : rules) {
    for (const Link& link : rule.links) {
      auto target = static_cast<std::size_t>(link.target.index);
      if (++rules_on[target] == 1 && netem_can(rule.model)) shaped[target] = rule.model;
    }
  }
  std::erase_if(shaped, [&](const auto& link) {
    return rules_on[link.first] > 1 || link.first >= shaping_classes_max;
  });
  bool differ = std::any_of(shaped.begin(), shaped.end(), [&](const auto& link) {
    return link.second != shaped.begin()->second;
  });
  std::erase_if(shaped, [&](const auto& link) {
    return differ && link.second.duplicate.numerator > 0;
  });
  return shaped;
}

}  // namespace

LinkPlan plan_links(const std::vector<LinkRule>& rules, bool shaping) {
  Models shaped = shaping ? shaped_links(rules) : Models{};
  LinkPlan plan;
  for (const auto& link : shaped) {
    const LinkModel& model = link.second;
    auto alike = std::find_if(plan.classes.begin(), plan.classes.end(), [&](const auto& known) {
      return netem_forgets(model) && known.second == model;
    });
    auto number = static_cast<std::uint16_t>(link.first + 1);
    if (alike != plan.classes.end()) number = alike->first;
    plan.classes.emplace(number, model);
    plan.classed[link.first] = number;
  }
  for (const LinkRule& rule : rules) {
    LinkRule rest = rule;
    std::erase_if(rest.links, [&](const Link& link) {
      return shaped.contains(static_cast<std::size_t>(link.target.index));
    });
    if (!rest.links.empty()) plan.queued.push_back(std::move(rest));
  }
  return plan;
}

}  // namespace sunder
