#pragma once
// Raft's promises (figure 3 of the paper), checked from the trace alone.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/system.h"
#include "nodes/raft/proposals.h"
#include "nodes/raft/voter_rules.h"

namespace sunder::raft {

/// Election safety, leader append-only, log matching, leader completeness and state-machine safety;
/// three rules that these rest on: a counted vote survives its voter's restart, a leader commits by
/// counting only entries of its own term (5.4.2), committed entries are never truncated; and that
/// no op runs twice (thesis, section 6.3); where membership changes, what VoterRules says. Whatever
/// breaks cites the ops whose entries it concerns.
/// Constant work for each event. Every check but those of one node's own order holds in whatever
/// order the events of different nodes arrive, so that merged traces of real runs can be
/// judged too.
class RaftInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Mark {
    std::int64_t term = 0;  // 0: nothing known
    std::int64_t hash = 0;  // of the log up to here; 0: unknown
  };
  /// One node's log as its own events tell it.
  struct View {
    std::int64_t base = 0;
    std::vector<Mark> log;         // of indexes base + 1 ...
    std::int64_t commit = 0;
    std::int64_t leader_term = 0;  // 0: not a leader
    std::int64_t counted_term = 0; // its last vote that a candidate has counted
    std::int64_t counted_for = -1;
    std::int64_t agreed = 0;       // the last index up to which its state was that of the others
    bool diverged = false;         // since its boot its state has been another than theirs
    std::int64_t last() const { return base + static_cast<std::int64_t>(log.size()); }
    bool has(std::int64_t index) const { return index > base && index <= last(); }
    const Mark& at(std::int64_t index) const {
      return log[static_cast<std::size_t>(index - base - 1)];
    }
  };
  struct Committed {
    std::int64_t term = 0;  // in which it was first seen committed; 0: unknown
    std::int64_t hash = 0;
    NodeId node;
  };
  struct Applied {
    std::int64_t hash = 0;  // 0: not applied yet
    std::int64_t state = 0;
    NodeId node;
    bool ran = false;  // some node carried an op out here
  };
  struct Leader {
    NodeId node;
    std::int64_t last = 0;
  };
  struct Run {
    std::int64_t index = 0;
    NodeId node;
  };

  View& view(NodeId node);
  Broken on_append(NodeId node, const Event& event);
  Broken on_apply(NodeId node, const Event& event);
  Broken on_commit(NodeId node, const Event& event);
  Broken on_truncate(NodeId node, const Event& event);
  Broken on_leader(NodeId node, const Event& event);
  Broken on_boot(NodeId node, const Event& event);
  Broken on_recovered(NodeId node, const Event& event);
  Broken on_vote(NodeId node, const Event& event);
  Broken on_counted(NodeId node, const Event& event);
  Broken on_snapshot(NodeId node, const Event& event, bool installed);
  Broken on_voters(NodeId node, const Event& event);
  Broken majority_of(NodeId node, std::int64_t from, const Event& event);
  Broken match(NodeId node, std::int64_t index, Mark mark);
  Broken same_state(NodeId node, std::int64_t index, std::int64_t hash, std::int64_t state);
  Broken other_state(NodeId node, std::int64_t index, std::int64_t state);
  Broken run_once(NodeId node, std::int64_t index, std::int64_t hash);
  /// The words, and whether the entry was committed by now.
  Proposals::Fate so_far(std::string words) const;
  /// Cites the entries from one index of a node's log to another.
  void cite_log(BrokenInvariant& broken, const View& view, std::int64_t from, std::int64_t to,
                const Proposals::Fate& fate) const;
  /// Cites what a leader appended in the term for which it counted this node's last vote.
  void cite_elected(BrokenInvariant& broken, const View& voter) const;
  std::int64_t known_hash(std::int64_t index, std::int64_t term) const;

  std::vector<View> views_;               // by node index
  std::vector<Mark> first_mark_;          // by log index: the first term seen there
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> other_marks_;  // (index, term)
  std::vector<Committed> committed_;      // by log index
  std::vector<Applied> applied_;          // by log index
  std::map<std::int64_t, Leader> leaders_;  // by term
  std::map<std::int64_t, Run> runs_;      // the first that carried an op out, by op
  Proposals proposals_;
  VoterRules voter_rules_;
};

}  // namespace sunder::raft
