#include "nodes/raft/proposals.h"

#include <algorithm>

namespace sunder::raft {
namespace {

constexpr std::size_t cited_max = 5;  // of one broken invariant: a reader wants witnesses, not all

}  // namespace

void Proposals::add(const Proposal& proposal) {
  if (proposal.op < 0 || !place_.try_emplace(proposal.hash, all_.size()).second) return;
  all_.push_back(proposal);
}

const Proposal* Proposals::find(std::int64_t hash) const {
  auto found = place_.find(hash);
  return found == place_.end() ? nullptr : &all_[found->second];
}

void Proposals::cite(BrokenInvariant& broken, const Proposal& proposal, const Fate& fate) {
  auto same = [&](const ConcernedOp& cited) { return cited.op == proposal.op; };
  if (std::any_of(broken.ops.begin(), broken.ops.end(), same)) return;
  if (broken.ops.size() == cited_max) {
    ++broken.ops_left_out;
    return;
  }
  broken.ops.push_back({proposal.op, "its entry " + std::to_string(proposal.index) + " of term " +
                                         std::to_string(proposal.term) + " " +
                                         fate(proposal)});
}

void Proposals::cite(BrokenInvariant& broken, std::int64_t hash, const Fate& fate) const {
  if (const Proposal* proposal = find(hash)) cite(broken, *proposal, fate);
}

void Proposals::cite_term(BrokenInvariant& broken, std::int64_t term,
                          std::optional<NodeId> leader, const Fate& fate) const {
  for (auto at = all_.rbegin(); at != all_.rend(); ++at) {
    if (at->term == term && (!leader || at->leader == *leader)) cite(broken, *at, fate);
  }
}

}  // namespace sunder::raft
