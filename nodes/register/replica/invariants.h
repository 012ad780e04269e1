#pragma once
// The promises of replicas that accept writes by themselves, checked from the trace alone.

#include <map>
#include <set>
#include <vector>

#include "harness/api/invariants.h"
#include "nodes/clock/lamport.h"
#include "nodes/clock/vector.h"

namespace sunder::registers {

/// A name (origin, sequence) belongs to one write for good; a write is applied once; its time is
/// above that of all writes it needs and of the one it replaces where it was accepted; of two
/// writes of a key the right one shows, over restarts too; what others were told survives one.
/// Where a node says so by its rules: writes of a node are applied in order, a write after what it
/// needs, and a request is served after what it needs.
class ReplicaInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  using Name = std::pair<std::int64_t, std::int64_t>;  // (origin, sequence)
  struct Known {
    std::int64_t time = 0;
    std::int64_t key = 0;
    std::int64_t value = 0;
    std::int64_t op = -1;
    clock::VectorClock needs;
  };
  struct Replica {
    bool in_order = false;
    bool hold_back = false;
    bool gated = false;
    bool arrival_wins = false;
    clock::VectorClock counts;             // without a gap
    std::set<Name> beyond;                 // applied after a gap
    std::map<std::int64_t, Name> shown;    // by key
    std::map<std::int64_t, std::vector<Name>> order;  // by key: as applied, over all boots
  };

  Broken on_rules(NodeId node, const Event& event);
  Broken on_has(NodeId node, const Event& event);
  Broken on_shown(NodeId node, const Event& event);
  Broken on_write(NodeId node, const Event& event);
  Broken on_apply(NodeId node, const Event& event);
  Broken on_read(NodeId node, const Event& event);
  Broken right_one_shows(NodeId node, const Event& event, const Name& name, const Known& known);
  Broken times(NodeId node, const Name& name, const Known& known);
  BrokenInvariant about(std::string sentence, const Name& name, std::string fate) const;
  clock::LamportStamp stamp(const Name& name) const;
  void note(Replica& replica, const Name& name);
  Replica& replica(NodeId node);

  std::map<std::int32_t, Replica> replicas_;
  std::map<Name, Known> writes_;
  std::map<std::int64_t, std::int64_t> told_;  // by origin: its highest sequence applied elsewhere
};

}  // namespace sunder::registers
