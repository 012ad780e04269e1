#pragma once
// Which batches a new view begins with: the primary's decision procedure of TOCS 2002 with its
// conditions A1, A2 and B, for quorums of any size.

#include <optional>

#include "nodes/pbft/messages.h"

namespace sunder::pbft {

struct QuorumRules {
  std::size_t faults = 0;
  std::size_t quorum = 0;
  std::int64_t window = 0;       // sequence numbers between the watermarks
  bool drop_prepared = false;    // flaw: what was prepared is not looked at
  bool need_no_witness = false;  // flaw: condition A2 is not asked for
};

struct Decision {
  Checkpoint start;
  std::vector<Checkpoint> chosen;  // ascending and dense after the start
  bool operator==(const Decision&) const = default;
};

/// Nothing beyond the window can have been committed: Q - f correct replicas would have it below
/// their high watermark, and as many have their low one at the start or before; some are both.
///
/// What these view changes, of distinct senders and one view, allow; nothing when more are needed.
/// Deterministic, so that every backup can repeat it.
std::optional<Decision> decide(const std::vector<Sealed<ViewChange>>& proofs,
                               const QuorumRules& rules, std::int64_t null_digest);

/// Whether it could have been said by an honest replica: bounded, and older than the view.
bool is_plausible(const ViewChange& message, std::int64_t window);

}  // namespace sunder::pbft
