#pragma once
// The promises of the quorum register, checked from the trace alone.

#include <map>
#include <set>
#include <vector>

#include "harness/api/invariants.h"
#include "nodes/abd/messages.h"

namespace sunder::abd {

/// A tag belongs to one value; a replica's tag of a key never falls, nor below what it has
/// confirmed before a restart; and the order of tags is one of real time: an operation's tag is not
/// below that of any that had finished before it began, and a write's is above. Together with the
/// uniqueness of tags this is linearizability (Lynch, Distributed Algorithms, lemma 13.16).
class AbdInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Done {
    Tag tag;
    std::int64_t op = -1;
  };
  /// A task of a coordinator. A client's retry makes a second one for the same op.
  struct Begun {
    std::int64_t op = -1;
    Done floor;  // the newest finished version of its key when it began
  };
  struct Replica {
    std::map<std::int64_t, Tag> tags;       // by key, since the boot
    std::map<std::int64_t, Tag> confirmed;  // by key, ever
    std::map<std::int64_t, Begun> begun;    // by round
  };

  Broken on_stored(NodeId node, const Event& event, bool recovered);
  Broken on_confirmed(const Event& event);
  Broken on_finished(NodeId node, const Event& event, bool write);
  Broken one_value(NodeId node, std::int64_t key, const Tag& tag, std::int64_t value);
  Replica& replica(std::int64_t node);

  std::map<std::int64_t, Replica> replicas_;
  std::map<std::pair<std::int64_t, Tag>, std::int64_t> values_;
  std::map<std::int64_t, Done> newest_;  // by key, of finished operations
};

}  // namespace sunder::abd
