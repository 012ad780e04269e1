#include "nodes/raft/voter_rules.h"

#include <algorithm>

namespace sunder::raft {
namespace {

std::string text(NodeSet nodes) {
  std::string words;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(voters_max); ++i) {
    if ((nodes & only(NodeId::node(i))) == 0) continue;
    words += (words.empty() ? "" : ", ") + to_string(NodeId::node(i));
  }
  return words.empty() ? "nobody" : words;
}

std::string text(const Voters& voters) {
  std::string words = "the voters " + text(voters.now);
  return voters.joint() ? words + " and of those before, " + text(voters.before) : words;
}

bool majorities_meet(const Voters& former, const Voters& next) {
  if (former.joint()) return !next.joint() && next.now == former.now;
  if (next.joint()) return next.before == former.now;
  return size_of(former.now ^ next.now) <= 1;
}

}  // namespace

VoterRules::View& VoterRules::view(NodeId node) {
  auto at = static_cast<std::size_t>(std::clamp(node.index, 0, 63));
  if (views_.size() <= at) views_.resize(at + 1);
  return views_[at];
}

void VoterRules::on_boot(NodeId node) { view(node) = {}; }

void VoterRules::on_follower(NodeId node) { view(node).leads = false; }

void VoterRules::on_counted(NodeId node, std::int64_t term, NodeId voter) {
  View& own = view(node);
  if (own.term != term) own.votes = 0;
  own.term = term;
  own.votes |= only(voter);
}

VoterRules::Broken VoterRules::on_leader(NodeId node, std::int64_t term) {
  View& own = view(node);
  if (own.term != term) own.votes = 0;
  own.term = term;
  own.leads = true;
  own.committed_own = false;
  NodeSet votes = own.votes | only(node);
  if (own.changes.empty() || own.changes.back().decided_by(votes)) return {};
  return "election majority: " + to_string(node) + " leads term " + std::to_string(term) +
         " with the votes of " + text(votes) + ", no majority of " + text(own.changes.back());
}

VoterRules::Broken VoterRules::on_voters(NodeId node, const Voters& voters) {
  View& own = view(node);
  while (!own.changes.empty() && own.changes.back().index >= voters.index) own.changes.pop_back();
  std::optional<Voters> former;
  if (!own.changes.empty()) former = own.changes.back();
  own.changes.push_back(voters);
  if (!own.leads || !former) return {};
  std::string change = to_string(node) + ", leader of term " + std::to_string(own.term) +
                       ", went at index " + std::to_string(voters.index) + " from " +
                       text(*former) + " to " + text(voters);
  if (!majorities_meet(*former, voters)) {
    return "meeting majorities: " + change + ", though their majorities need not meet";
  }
  if (former->index > own.commit) {
    return "one change at a time: " + change + ", though the former were not committed";
  }
  if (own.committed_own) return {};
  return "changes after a commitment: " + change + " before it had committed an entry of its term";
}

VoterRules::Broken VoterRules::on_commit(NodeId node, std::int64_t index,
                                         std::optional<NodeSet> holders) {
  View& own = view(node);
  own.commit = std::max(own.commit, index);
  if (!holders) return {};
  own.committed_own = true;
  if (own.changes.empty() || own.changes.back().decided_by(*holders)) return {};
  return "commitment by majority: " + to_string(node) + ", leader of term " +
         std::to_string(own.term) + ", committed index " + std::to_string(index) + ", held by " +
         text(*holders) + ", no majority of " + text(own.changes.back());
}

}  // namespace sunder::raft
