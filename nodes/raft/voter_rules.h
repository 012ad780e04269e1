#pragma once
// What must hold where membership changes, checked from the trace alone.

#include <optional>
#include <string>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/raft/voters.h"

namespace sunder::raft {

/// Elections and commitments have the majorities that the latest configuration in the deciding
/// node's log demands, both of them while it is joint (section 6). A leader changes one that is
/// committed, after an entry of its own term is (Ongaro, raft-dev 2015), to one that every majority
/// of meets every majority of the former. Each rule is about one node's own order of events. A node
/// that never told its voters is not judged.
class VoterRules {
 public:
  using Broken = std::optional<std::string>;

  void on_boot(NodeId node);
  void on_counted(NodeId node, std::int64_t term, NodeId voter);
  void on_follower(NodeId node);
  Broken on_leader(NodeId node, std::int64_t term);
  Broken on_voters(NodeId node, const Voters& voters);
  /// `holders`: who holds the entry as its leader knows; nothing from a follower.
  Broken on_commit(NodeId node, std::int64_t index, std::optional<NodeSet> holders);

 private:
  struct View {
    std::vector<Voters> changes;  // as the log has them, ascending; the first may be of a snapshot
    std::int64_t term = 0;        // of its candidacy
    NodeSet votes = 0;            // that it counted in that term
    bool leads = false;
    bool committed_own = false;   // since it leads
    std::int64_t commit = 0;
  };
  View& view(NodeId node);

  std::vector<View> views_;  // by node index
};

}  // namespace sunder::raft
