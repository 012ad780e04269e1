#include "nodes/raft/invariants.h"

#include <algorithm>
#include <utility>

namespace sunder::raft {
namespace {

std::int64_t number_or(const Event& event, std::string_view name, std::int64_t otherwise) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return otherwise;
}

// The emitter's own order makes the first look a hit.
std::int64_t number(const Event& event, std::size_t place, std::string_view name) {
  const Event::Number& entry = event.numbers[place];
  return entry.name == name ? entry.number : event.at(name);
}

std::string text(std::int64_t number) { return std::to_string(number); }

Proposals::Fate plainly(std::string words) {
  return [words = std::move(words)](const Proposal&) { return words; };
}

// Indexes come from traces, which may be damaged: a wild one must not claim all memory.
constexpr std::int64_t index_max = std::int64_t{1} << 28;
bool plausible(std::int64_t index) { return index >= 0 && index < index_max; }

template <class T>
T& grown(std::vector<T>& items, std::int64_t index) {
  auto at = static_cast<std::size_t>(index);
  if (items.size() <= at) items.resize(std::max(at + 1, items.size() * 2));
  return items[at];
}

}  // namespace

std::optional<BrokenInvariant> RaftInvariants::observe(NodeId node, Instant, const Event& event) {
  std::string_view kind = event.kind;
  if (kind == "append") return on_append(node, event);
  if (kind == "apply") return on_apply(node, event);
  if (kind == "commit") return on_commit(node, event);
  if (kind == "truncate") return on_truncate(node, event);
  if (kind == "leader") return on_leader(node, event);
  if (kind == "boot") return on_boot(node, event);
  if (kind == "recovered") return on_recovered(node, event);
  if (kind == "vote") return on_vote(node, event);
  if (kind == "counted") return on_counted(node, event);
  if (kind == "snapshot") return on_snapshot(node, event, false);
  if (kind == "installed") return on_snapshot(node, event, true);
  if (kind == "voters") return on_voters(node, event);
  if (kind == "follower") {
    view(node).leader_term = 0;
    voter_rules_.on_follower(node);
  }
  return {};
}

RaftInvariants::View& RaftInvariants::view(NodeId node) {
  return grown(views_, std::clamp(node.index, 0, 63));
}

std::int64_t RaftInvariants::known_hash(std::int64_t index, std::int64_t term) const {
  auto at = static_cast<std::size_t>(index);
  if (at < first_mark_.size() && first_mark_[at].term == term) return first_mark_[at].hash;
  auto found = other_marks_.find({index, term});
  return found == other_marks_.end() ? 0 : found->second;
}

Proposals::Fate RaftInvariants::so_far(std::string words) const {
  return [this, words = std::move(words)](const Proposal& proposal) {
    auto at = static_cast<std::size_t>(proposal.index);
    bool known = at < committed_.size() && committed_[at].term != 0;
    if (!known) return words + "; it is not known to be committed";
    if (committed_[at].hash == proposal.hash) {
      return words + "; " + to_string(committed_[at].node) + " had committed it";
    }
    return words + "; " + to_string(committed_[at].node) + " committed another in its place";
  };
}

void RaftInvariants::cite_log(BrokenInvariant& broken, const View& view, std::int64_t from,
                              std::int64_t to, const Proposals::Fate& fate) const {
  for (std::int64_t i = std::max(from, view.base + 1); i <= std::min(to, view.last()); ++i) {
    proposals_.cite(broken, view.at(i).hash, fate);
  }
}

// Log matching: an index and a term stand for one log, up to there and for ever.
RaftInvariants::Broken RaftInvariants::match(NodeId node, std::int64_t index, Mark mark) {
  Mark& first = grown(first_mark_, index);
  if (first.term == 0) {
    first = mark;
    return {};
  }
  std::int64_t& hash =
      first.term == mark.term ? first.hash : other_marks_[{index, mark.term}];
  if (hash == 0) hash = mark.hash;
  if (hash == mark.hash) return {};
  BrokenInvariant broken{"log matching: " + to_string(node) + " has another log up to index " +
                         text(index) + " of term " + text(mark.term) + " than a node before it"};
  proposals_.cite(broken, mark.hash, so_far("stands in the log of " + to_string(node)));
  proposals_.cite(broken, hash, so_far("shares index and term with another entry"));
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_append(NodeId node, const Event& event) {
  std::int64_t index = number(event, 0, "index");
  Mark mark{number(event, 1, "term"), number(event, 2, "hash")};
  if (!plausible(index) || index == 0) return {};
  View& own = view(node);
  if (index != own.last() + 1) {  // part of the trace is missing
    own.base = index - 1;
    own.log.clear();
  }
  own.log.push_back(mark);
  proposals_.add({number_or(event, "op", -1), node, mark.term, index, mark.hash});
  return match(node, index, mark);
}

RaftInvariants::Broken RaftInvariants::same_state(NodeId node, std::int64_t index,
                                                  std::int64_t hash, std::int64_t state) {
  View& own = view(node);
  Applied& applied = grown(applied_, index);
  if (applied.hash != 0 && applied.hash != hash) {
    own.diverged = true;
    BrokenInvariant broken{"state-machine safety: " + to_string(node) +
                           " applied another entry at index " + text(index) + " than " +
                           to_string(applied.node)};
    proposals_.cite(broken, hash, so_far("is what " + to_string(node) + " applied there"));
    proposals_.cite(broken, applied.hash,
                    so_far("is what " + to_string(applied.node) + " applied there"));
    return broken;
  }
  // What follows from a wrong state is wrong, too: neither news nor a measure for other nodes.
  if (own.diverged) return {};
  if (applied.hash == 0) applied = {hash, state, node};
  if (applied.state != state) return other_state(node, index, state);
  own.agreed = index;
  return {};
}

// The entry to blame is known when the states were the same right before it, and when one node's
// state is still that of before it.
RaftInvariants::Broken RaftInvariants::other_state(NodeId node, std::int64_t index,
                                                   std::int64_t state) {
  View& own = view(node);
  own.diverged = true;
  const Applied& applied = applied_[static_cast<std::size_t>(index)];
  BrokenInvariant broken{"state-machine safety: " + to_string(node) + " and " +
                         to_string(applied.node) + " applied the same entries up to index " +
                         text(index) + " with different results"};
  const Applied* before = index > 0 ? &applied_[static_cast<std::size_t>(index - 1)] : nullptr;
  if (before != nullptr && before->hash != 0 && before->state == state) {
    proposals_.cite(broken, applied.hash, so_far("is missing in the state of " + to_string(node)));
  } else if (before != nullptr && before->hash != 0 && before->state == applied.state) {
    proposals_.cite(broken, applied.hash,
                    so_far("is missing in the state of " + to_string(applied.node)));
  } else if (own.agreed == index - 1) {
    proposals_.cite(broken, applied.hash,
                    so_far("had another effect on " + to_string(node) + " than on " +
                         to_string(applied.node)));
  }
  return broken;
}

RaftInvariants::Broken RaftInvariants::run_once(NodeId node, std::int64_t index,
                                                std::int64_t hash) {
  const Proposal* proposal = proposals_.find(hash);
  if (proposal == nullptr) return {};
  auto [first, fresh] = runs_.try_emplace(proposal->op, Run{index, node});
  if (fresh || first->second.index == index) return {};
  const Run& run = first->second;
  BrokenInvariant broken{"exactly once: " + to_string(node) + " carried out at index " +
                         text(index) + " what " + to_string(run.node) +
                         " had carried out at index " + text(run.index)};
  proposals_.cite(broken, hash,
                  plainly("ran on " + to_string(node) + " after it had run at index " +
                          text(run.index) + " on " + to_string(run.node)));
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_apply(NodeId node, const Event& event) {
  std::int64_t index = number(event, 0, "index");
  std::int64_t hash = number(event, 2, "hash");
  if (!plausible(index)) return {};
  Broken broken = same_state(node, index, hash, number(event, 3, "state"));
  if (number_or(event, "ran", 0) != 1) return broken;
  // All nodes run the same ops: one look at each is enough, and keeps the simulator fast.
  Applied& applied = applied_[static_cast<std::size_t>(index)];
  if (applied.hash == hash && std::exchange(applied.ran, true)) return broken;
  Broken twice = run_once(node, index, hash);
  return twice ? twice : broken;
}

RaftInvariants::Broken RaftInvariants::on_commit(NodeId node, const Event& event) {
  std::int64_t index = number(event, 0, "index");
  std::int64_t term = number(event, 1, "term");
  View& own = view(node);
  if (!plausible(index) || index <= own.commit) return {};
  std::int64_t from = own.commit + 1;
  own.commit = index;
  if (Broken few = majority_of(node, from, event)) return few;
  if (!own.has(index)) return {};
  Broken broken;
  if (number(event, 2, "leader") == 1 && own.at(index).term != term) {
    broken = BrokenInvariant{"commitment (5.4.2): " + to_string(node) + ", leader of term " +
                             text(term) + ", committed index " + text(index) + " of term " +
                             text(own.at(index).term) + " by counting"};
    cite_log(*broken, own, from, index,
             plainly("counts as committed on " + to_string(node) +
                     ", though a leader of another term may still replace it"));
  }
  for (std::int64_t i = std::max(from, own.base + 1); i <= index; ++i) {
    Committed& committed = grown(committed_, i);
    std::int64_t hash = own.at(i).hash;
    if (hash == 0) continue;
    if (committed.term == 0) {
      committed = {term, hash, node};
      for (auto later = leaders_.upper_bound(term); later != leaders_.end(); ++later) {
        if (later->second.last >= i) continue;
        const Leader& late = later->second;
        broken = BrokenInvariant{"leader completeness: " + to_string(late.node) +
                                 ", leader of term " + text(later->first) + ", had no entry " +
                                 text(i) + ", committed in term " + text(term)};
        cite_log(*broken, own, i, index,
                 so_far("was missing in the log of " + to_string(late.node)));
        return broken;
      }
    } else if (committed.hash != hash) {
      broken = BrokenInvariant{"state-machine safety: " + to_string(node) +
                               " committed another entry at index " + text(i) + " than " +
                               to_string(committed.node)};
      proposals_.cite(*broken, hash, plainly("was committed by " + to_string(node)));
      proposals_.cite(*broken, committed.hash,
                      plainly("had been committed by " + to_string(committed.node)));
      return broken;
    }
  }
  return broken;
}

// Cites what counts as committed from now on.
RaftInvariants::Broken RaftInvariants::majority_of(NodeId node, std::int64_t from,
                                                   const Event& event) {
  std::int64_t index = number(event, 0, "index");
  std::int64_t held = number_or(event, "held", -1);
  VoterRules::Broken few =
      voter_rules_.on_commit(node, index, held < 0 ? std::optional<NodeSet>() : held);
  if (!few) return {};
  BrokenInvariant broken{*few};
  cite_log(broken, view(node), from, index,
           plainly("counts as committed on " + to_string(node)));
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_voters(NodeId node, const Event& event) {
  Voters voters{.now = number(event, 1, "now"),
                .before = number(event, 2, "before"),
                .index = number(event, 0, "index")};
  VoterRules::Broken broken = voter_rules_.on_voters(node, voters);
  if (!broken) return {};
  return BrokenInvariant{*broken};
}

RaftInvariants::Broken RaftInvariants::on_truncate(NodeId node, const Event& event) {
  std::int64_t from = number(event, 0, "from");
  View& own = view(node);
  bool led = own.leader_term != 0;
  std::int64_t committed = own.commit;
  BrokenInvariant broken;
  cite_log(broken, own, from, led ? own.last() : committed,
           so_far("was dropped from the log of " + to_string(node)));
  if (own.has(from)) own.log.resize(static_cast<std::size_t>(from - own.base - 1));
  if (led) {
    broken.sentence = "leader append-only: " + to_string(node) + ", leader of term " +
                      text(own.leader_term) + ", truncated its log from index " + text(from);
    return broken;
  }
  if (from > committed) return {};
  broken.sentence = "state-machine safety: " + to_string(node) +
                    " truncated its log from index " + text(from) + " though it knew index " +
                    text(committed) + " committed";
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_leader(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t last = number(event, 1, "last");
  View& own = view(node);
  own.leader_term = term;
  VoterRules::Broken unelected = voter_rules_.on_leader(node, term);
  auto [at, fresh] = leaders_.try_emplace(term, Leader{node, last});
  if (!fresh) {
    if (at->second.node == node) return {};
    BrokenInvariant broken{"election safety: " + to_string(at->second.node) + " and " +
                           to_string(node) + " both led term " + text(term)};
    proposals_.cite_term(broken, term, {}, so_far("was appended by one of the two"));
    return broken;
  }
  // The newest commitment of an earlier term stands for all before it.
  std::int64_t newest = static_cast<std::int64_t>(committed_.size()) - 1;
  auto is_earlier = [&](std::int64_t i) {
    const Committed& committed = committed_[static_cast<std::size_t>(i)];
    return committed.term != 0 && committed.term < term;
  };
  while (newest > 0 && !is_earlier(newest)) --newest;
  if (unelected) return BrokenInvariant{*unelected};
  if (newest <= 0) return {};
  const Committed& committed = committed_[static_cast<std::size_t>(newest)];
  bool missing = last < newest;
  if (own.has(newest) && own.at(newest).hash != 0) {
    missing = missing || own.at(newest).hash != committed.hash;
  }
  if (!missing) return {};
  BrokenInvariant broken{"leader completeness: " + to_string(node) + ", leader of term " +
                         text(term) + ", lacks the entry " + text(newest) + " that " +
                         to_string(committed.node) + " committed in term " +
                         text(committed.term)};
  for (std::int64_t i = newest; i > 0 && is_earlier(i); --i) {
    std::int64_t hash = committed_[static_cast<std::size_t>(i)].hash;
    bool lacks = i > last || (own.has(i) && own.at(i).hash != 0 && own.at(i).hash != hash);
    if (!lacks) break;
    proposals_.cite(broken, hash, so_far("is missing in the log of " + to_string(node)));
  }
  return broken;
}

// A vote that was counted helped to elect a leader: what it appended is safe only as long as nobody
// else can be elected in its term.
void RaftInvariants::cite_elected(BrokenInvariant& broken, const View& voter) const {
  NodeId elected = NodeId::node(static_cast<std::int32_t>(voter.counted_for));
  proposals_.cite_term(broken, voter.counted_term, elected,
                       so_far("was appended by " + to_string(elected) + ", elected by that vote"));
}

RaftInvariants::Broken RaftInvariants::on_boot(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t vote = number(event, 1, "vote");
  std::int64_t index = number(event, 2, "index");
  if (!plausible(index)) return {};
  View& own = view(node);
  own.leader_term = 0;
  own.base = own.commit = index;
  own.agreed = index == 0 ? 0 : -1;
  own.log.clear();
  own.diverged = false;
  voter_rules_.on_boot(node);
  voter_rules_.on_commit(node, index, {});
  bool forgot = term < own.counted_term || (term == own.counted_term && vote != own.counted_for);
  if (own.counted_term != 0 && forgot) {
    BrokenInvariant broken{"durable votes: " + to_string(node) +
                           " forgot in a restart that it voted for " +
                           to_string(NodeId::node(static_cast<std::int32_t>(own.counted_for))) +
                           " in term " + text(own.counted_term)};
    cite_elected(broken, own);
    return broken;
  }
  if (index == 0) return {};
  return same_state(node, index, number(event, 3, "hash"), number(event, 4, "state"));
}

RaftInvariants::Broken RaftInvariants::on_recovered(NodeId node, const Event& event) {
  std::int64_t first = number(event, 0, "first");
  std::int64_t last = number(event, 1, "last");
  Mark mark{number(event, 2, "term"), number(event, 3, "hash")};
  if (!plausible(first) || !plausible(last) || first < 1) return {};
  View& own = view(node);
  if (first != own.last() + 1) {
    own.base = first - 1;
    own.log.clear();
  }
  for (std::int64_t i = first; i < last; ++i) {
    own.log.push_back({mark.term, known_hash(i, mark.term)});
  }
  own.log.push_back(mark);
  return match(node, last, mark);
}

RaftInvariants::Broken RaftInvariants::on_vote(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t candidate = number(event, 1, "for");
  const View& own = view(node);
  if (own.counted_term != term || own.counted_for == candidate) return {};
  BrokenInvariant broken{"one vote a term: " + to_string(node) +
                         " voted for two candidates in term " + text(term)};
  cite_elected(broken, own);
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_counted(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t voter = number(event, 1, "from");
  if (voter >= 0 && voter < 64) {
    voter_rules_.on_counted(node, term, NodeId::node(static_cast<std::int32_t>(voter)));
  }
  View& own = view(NodeId::node(static_cast<std::int32_t>(std::clamp<std::int64_t>(voter, 0, 63))));
  if (term == own.counted_term && own.counted_for != node.index) {
    BrokenInvariant broken{"one vote a term: " + to_string(node) +
                           " and another candidate counted a vote of " +
                           to_string(NodeId::node(static_cast<std::int32_t>(voter))) +
                           " in term " + text(term)};
    cite_elected(broken, own);
    return broken;
  }
  if (term < own.counted_term) return {};
  own.counted_term = term;
  own.counted_for = node.index;
  return {};
}

RaftInvariants::Broken RaftInvariants::on_snapshot(NodeId node, const Event& event,
                                                   bool installed) {
  std::int64_t index = number(event, 0, "index");
  std::int64_t hash = number(event, 2, "hash");
  if (!plausible(index)) return {};
  View& own = view(node);
  own.commit = std::max(own.commit, index);
  voter_rules_.on_commit(node, index, {});
  if (installed) {
    own.agreed = -1;
    own.diverged = false;
  }
  if (installed && number(event, 4, "kept") == 0) {
    own.base = index;
    own.log.clear();
  }
  return same_state(node, index, hash, number(event, 3, "state"));
}

}  // namespace sunder::raft
