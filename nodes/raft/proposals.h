#pragma once
// Which client's op each entry of the log was appended for, as its leader traced it.

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "harness/api/invariants.h"

namespace sunder::raft {

struct Proposal {
  std::int64_t op = 0;  // of the history
  NodeId leader;        // that appended it
  std::int64_t term = 0;
  std::int64_t index = 0;
  std::int64_t hash = 0;  // of the log up to here
};

/// An entry is known by the chain hash of the log up to it, which every node computes alike.
class Proposals {
 public:
  void add(const Proposal& proposal);  // unless its op is negative: no op
  /// Null for entries of no op: a leader's own, and those that open a session.
  const Proposal* find(std::int64_t hash) const;

  /// Completes "its entry 7 of term 2 ...".
  using Fate = std::function<std::string(const Proposal&)>;
  /// Says that a broken invariant concerns the op of this entry, if it is one's and not yet said.
  void cite(BrokenInvariant& broken, std::int64_t hash, const Fate& fate) const;
  /// The same of everything that leaders appended in a term for clients, or that one of them did;
  /// the newest first.
  void cite_term(BrokenInvariant& broken, std::int64_t term, std::optional<NodeId> leader,
                 const Fate& fate) const;

 private:
  static void cite(BrokenInvariant& broken, const Proposal& proposal, const Fate& fate);

  std::vector<Proposal> all_;                  // in the order traced
  std::map<std::int64_t, std::size_t> place_;  // in all_, by hash
};

}  // namespace sunder::raft
