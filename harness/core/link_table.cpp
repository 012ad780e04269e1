#include "harness/core/link_table.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr Duration line_buffer = std::chrono::seconds(2);  // a longer queue drops its tail

}  // namespace

LinkTable::LinkTable(std::size_t nodes, const LinkModel& base, std::uint64_t seed)
    : nodes_(nodes), rules_(nodes, base, seed), links_(nodes * nodes) {
  rules_changed();
}

void LinkTable::impose(const std::string& rule, const std::vector<Link>& links,
                       const LinkModel& model) {
  rules_.impose(rule, links, model);
  rules_changed();
}

void LinkTable::lift(const std::string& rule) {
  rules_.lift(rule);
  rules_changed();
}

void LinkTable::rules_changed() {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (rules_.rate(i) == links_[i].rate) continue;
    links_[i].rate = rules_.rate(i);
    links_[i].free_at = at_start;
  }
}

LinkTable::Passage LinkTable::carry(std::size_t source, std::size_t target, std::size_t bytes,
                                    Instant now) {
  std::size_t index = at(source, target);
  ASSERT(!rules_.holds(index));
  State& link = links_[index];
  Passage passage;
  Fate fate = rules_.decide(index, LinkRules::Lane::traffic);
  if (fate.copies == 0 || rules_.swallows(index, bytes)) return passage;
  Instant leaves = now;
  if (link.rate > 0) {
    leaves = std::max(now, link.free_at) +
             Duration{static_cast<std::int64_t>(bytes) * 1'000'000'000 / link.rate};
    if (leaves - now > line_buffer) return passage;
    link.free_at = leaves;
  }
  passage.copies = fate.copies;
  passage.corrupt = fate.corrupt;
  for (std::size_t i = 0; i < fate.copies; ++i) passage.due[i] = leaves + fate.delays[i];
  if (rules_.keeps_order(index)) {
    passage.due[0] = std::max(passage.due[0], link.last_due);
    link.last_due = passage.due[0];
  }
  return passage;
}

}  // namespace sunder
