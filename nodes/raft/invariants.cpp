#include "nodes/raft/invariants.h"

#include <algorithm>

namespace sunder::raft {
namespace {

// The emitter's own order makes the first look a hit.
std::int64_t number(const Event& event, std::size_t place, std::string_view name) {
  const Event::Number& entry = event.numbers[place];
  return entry.name == name ? entry.number : event.at(name);
}

std::string text(std::int64_t number) { return std::to_string(number); }

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

std::optional<std::string> RaftInvariants::observe(NodeId node, Instant, const Event& event) {
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
  if (kind == "follower") view(node).leader_term = 0;
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
  return "log matching: " + to_string(node) + " has another log up to index " + text(index) +
         " of term " + text(mark.term) + " than a node before it";
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
  return match(node, index, mark);
}

RaftInvariants::Broken RaftInvariants::same_state(NodeId node, std::int64_t index,
                                                  std::int64_t hash, std::int64_t state) {
  Applied& applied = grown(applied_, index);
  if (applied.hash == 0) {
    applied = {hash, state, node};
    return {};
  }
  if (applied.hash != hash) {
    return "state-machine safety: " + to_string(node) + " applied another entry at index " +
           text(index) + " than " + to_string(applied.node);
  }
  if (applied.state == state) return {};
  return "state-machine safety: " + to_string(node) + " and " + to_string(applied.node) +
         " applied the same entries up to index " + text(index) + " with different results";
}

RaftInvariants::Broken RaftInvariants::on_apply(NodeId node, const Event& event) {
  std::int64_t index = number(event, 0, "index");
  if (!plausible(index)) return {};
  return same_state(node, index, number(event, 2, "hash"), number(event, 3, "state"));
}

RaftInvariants::Broken RaftInvariants::on_commit(NodeId node, const Event& event) {
  std::int64_t index = number(event, 0, "index");
  std::int64_t term = number(event, 1, "term");
  View& own = view(node);
  if (!plausible(index) || index <= own.commit) return {};
  std::int64_t from = own.commit + 1;
  own.commit = index;
  if (!own.has(index)) return {};
  Broken broken;
  if (number(event, 2, "leader") == 1 && own.at(index).term != term) {
    broken = "commitment (5.4.2): " + to_string(node) + ", leader of term " + text(term) +
             ", committed index " + text(index) + " of term " + text(own.at(index).term) +
             " by counting";
  }
  for (std::int64_t i = std::max(from, own.base + 1); i <= index; ++i) {
    Committed& committed = grown(committed_, i);
    std::int64_t hash = own.at(i).hash;
    if (hash == 0) continue;
    if (committed.term == 0) {
      committed = {term, hash, node};
      for (auto later = leaders_.upper_bound(term); later != leaders_.end(); ++later) {
        if (later->second.last >= i) continue;
        return "leader completeness: " + to_string(later->second.node) + ", leader of term " +
               text(later->first) + ", had no entry " + text(i) + ", committed in term " +
               text(term);
      }
    } else if (committed.hash != hash) {
      return "state-machine safety: " + to_string(node) + " committed another entry at index " +
             text(i) + " than " + to_string(committed.node);
    }
  }
  return broken;
}

RaftInvariants::Broken RaftInvariants::on_truncate(NodeId node, const Event& event) {
  std::int64_t from = number(event, 0, "from");
  View& own = view(node);
  bool led = own.leader_term != 0;
  bool was_committed = from <= own.commit;
  if (own.has(from)) own.log.resize(static_cast<std::size_t>(from - own.base - 1));
  if (led) {
    return "leader append-only: " + to_string(node) + ", leader of term " +
           text(own.leader_term) + ", truncated its log from index " + text(from);
  }
  if (!was_committed) return {};
  return "state-machine safety: " + to_string(node) + " truncated its log from index " +
         text(from) + " though it knew index " + text(own.commit) + " committed";
}

RaftInvariants::Broken RaftInvariants::on_leader(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t last = number(event, 1, "last");
  View& own = view(node);
  own.leader_term = term;
  auto [at, fresh] = leaders_.try_emplace(term, Leader{node, last});
  if (!fresh) {
    if (at->second.node == node) return {};
    return "election safety: " + to_string(at->second.node) + " and " + to_string(node) +
           " both led term " + text(term);
  }
  // The newest commitment of an earlier term stands for all before it.
  std::int64_t newest = static_cast<std::int64_t>(committed_.size()) - 1;
  auto is_earlier = [&](std::int64_t i) {
    const Committed& committed = committed_[static_cast<std::size_t>(i)];
    return committed.term != 0 && committed.term < term;
  };
  while (newest > 0 && !is_earlier(newest)) --newest;
  if (newest <= 0) return {};
  const Committed& committed = committed_[static_cast<std::size_t>(newest)];
  bool missing = last < newest;
  if (own.has(newest) && own.at(newest).hash != 0) {
    missing = missing || own.at(newest).hash != committed.hash;
  }
  if (!missing) return {};
  return "leader completeness: " + to_string(node) + ", leader of term " + text(term) +
         ", lacks the entry " + text(newest) + " that " + to_string(committed.node) +
         " committed in term " + text(committed.term);
}

RaftInvariants::Broken RaftInvariants::on_boot(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t vote = number(event, 1, "vote");
  std::int64_t index = number(event, 2, "index");
  if (!plausible(index)) return {};
  View& own = view(node);
  own.leader_term = 0;
  own.base = own.commit = index;
  own.log.clear();
  bool forgot = term < own.counted_term || (term == own.counted_term && vote != own.counted_for);
  if (own.counted_term != 0 && forgot) {
    return "durable votes: " + to_string(node) + " forgot in a restart that it voted for " +
           to_string(NodeId::node(static_cast<std::int32_t>(own.counted_for))) + " in term " +
           text(own.counted_term);
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
  return "one vote a term: " + to_string(node) + " voted for two candidates in term " + text(term);
}

RaftInvariants::Broken RaftInvariants::on_counted(NodeId node, const Event& event) {
  std::int64_t term = number(event, 0, "term");
  std::int64_t voter = number(event, 1, "from");
  View& own = view(NodeId::node(static_cast<std::int32_t>(std::clamp<std::int64_t>(voter, 0, 63))));
  if (term == own.counted_term && own.counted_for != node.index) {
    return "one vote a term: " + to_string(node) + " and another candidate counted a vote of " +
           to_string(NodeId::node(static_cast<std::int32_t>(voter))) + " in term " + text(term);
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
  if (installed && number(event, 4, "kept") == 0) {
    own.base = index;
    own.log.clear();
  }
  return same_state(node, index, hash, number(event, 3, "state"));
}

}  // namespace sunder::raft
