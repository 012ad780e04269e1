#pragma once
// The promises of a protocol, watched from outside, and the ops that suffer when one is broken.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/runtime.h"

namespace sunder {

/// A client's op that a broken invariant is about.
struct ConcernedOp {
  std::int64_t op = 0;  // index of its invocation in the history, as the trace says: not trusted
  std::string fate;     // what became of it inside: "its entry 7 of term 2 was dropped by n3"
};

struct BrokenInvariant {
  std::string sentence;           // names the invariant and its witnesses; ends without a full stop
  std::vector<ConcernedOp> ops;   // the most telling few; empty when no op is concerned yet
  std::size_t ops_left_out = 0;   // that are concerned just as much
};

/// Watches the trace of all nodes and says when an invariant of the protocol broke. It goes on
/// watching after that: the first promise to break is often one between nodes only, and what it
/// does to clients shows later.
class Invariants {
 public:
  virtual ~Invariants() = default;
  virtual std::optional<BrokenInvariant> observe(NodeId node, Instant time,
                                                 const Event& event) = 0;
};

/// The first few broken invariants of a run: so many that name ops, and so many that name none, so
/// that the latter cannot crowd out the former.
class BrokenInvariants {
 public:
  /// Puts when and on which node it broke before the sentence.
  void add(Instant time, NodeId node, BrokenInvariant broken);
  const std::vector<BrokenInvariant>& all() const { return kept_; }  // in the order added

 private:
  std::vector<BrokenInvariant> kept_;
  std::size_t with_ops_ = 0;
};

}  // namespace sunder
