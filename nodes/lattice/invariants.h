#pragma once
// The promises of replicated objects, checked from the trace alone.

#include <map>
#include <set>

#include "harness/api/invariants.h"
#include "nodes/clock/dotted.h"

namespace sunder::lattice {

/// A dot is given to one update, unless nobody but its node knew of that before a crash; what an
/// object is made of only grows while its replica is up; over a restart, a replica keeps its own
/// updates that others were told of; and two replicas that have the same updates of a key have the
/// same state (strong eventual consistency, Shapiro and others, SSS 2011).
class ObjectInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  using Name = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // key, node, count
  struct Replica {
    std::map<std::int64_t, clock::VectorClock> contexts;  // by key, since the boot
    std::map<std::int64_t, std::int64_t> told;  // by key: of its own updates that others have
  };
  struct Known {
    std::int64_t state = 0;
    NodeId node;
  };

  Broken on_update(NodeId node, const Event& event);
  Broken on_context(NodeId node, const Event& event);
  Broken on_recovered(NodeId node);
  void learn(NodeId node, std::int64_t key, const clock::VectorClock& context);
  void forget_beyond(NodeId node);
  Broken same_state(NodeId node, const Event& event);
  BrokenInvariant about(std::string sentence, const Name& name, std::string fate) const;
  Replica& replica(std::int64_t node);

  std::map<std::int64_t, Replica> replicas_;
  std::map<Name, std::int64_t> ops_;
  std::map<std::pair<std::int64_t, std::string>, Known> states_;  // by key and context
};

}  // namespace sunder::lattice
