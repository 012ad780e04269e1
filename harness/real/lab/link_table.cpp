#include "harness/real/lab/link_table.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr Duration line_buffer = std::chrono::seconds(2);  // a longer queue drops its tail

}  // namespace

LinkTable::LinkTable(std::size_t nodes, const LinkModel& base, std::uint64_t seed)
    : nodes_(nodes), base_(base) {
  for (std::size_t i = 0; i < nodes * nodes; ++i) {
    links_.push_back({base, Rng(seed, Stream::of("link", i)), at_start, at_start});
  }
}

void LinkTable::impose(const std::string& rule, const std::vector<Link>& links,
                       const LinkModel& model) {
  std::erase_if(rules_, [&](const Rule& known) { return known.name == rule; });
  Rule fresh{rule, std::vector<bool>(links_.size()), model};
  for (const Link& link : links) {
    ASSERT(link.source.is_node() && link.target.is_node());
    auto source = static_cast<std::size_t>(link.source.index);
    auto target = static_cast<std::size_t>(link.target.index);
    ASSERT(source < nodes_ && target < nodes_);
    if (source != target) fresh.covers[at(source, target)] = true;
  }
  rules_.push_back(std::move(fresh));
  recompute();
}

void LinkTable::lift(const std::string& rule) {
  std::erase_if(rules_, [&](const Rule& known) { return known.name == rule; });
  recompute();
}

void LinkTable::recompute() {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    LinkModel model = base_;
    bool blocked = base_.blocked;
    bool hold = base_.hold;
    for (const Rule& rule : rules_) {
      if (!rule.covers[i]) continue;
      blocked = blocked || rule.model.blocked;
      hold = hold || rule.model.hold;
      if (!rule.model.blocked && !rule.model.hold) model = rule.model;
    }
    model.blocked = blocked;
    model.hold = hold;
    if (model.rate != links_[i].model.rate) links_[i].free_at = at_start;
    links_[i].model = model;
  }
}

const LinkModel& LinkTable::model(std::size_t source, std::size_t target) const {
  return links_[at(source, target)].model;
}

LinkTable::Passage LinkTable::carry(std::size_t source, std::size_t target, std::size_t bytes,
                                    Instant now) {
  State& link = links_[at(source, target)];
  ASSERT(!link.model.hold);
  Passage passage;
  Fate fate = decide_fate(link.model, link.rng);
  if (fate.copies == 0) return passage;
  Instant leaves = now;
  if (link.model.rate > 0) {
    leaves = std::max(now, link.free_at) +
             Duration{static_cast<std::int64_t>(bytes) * 1'000'000'000 / link.model.rate};
    if (leaves - now > line_buffer) return passage;
    link.free_at = leaves;
  }
  passage.copies = fate.copies;
  for (std::size_t i = 0; i < fate.copies; ++i) passage.due[i] = leaves + fate.delays[i];
  if (link.model.reorder.numerator == 0) {
    passage.due[0] = std::max(passage.due[0], link.last_due);
    link.last_due = passage.due[0];
  }
  return passage;
}

}  // namespace sunder
