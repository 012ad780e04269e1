#pragma once
// The promises of sites that edit documents, checked from the trace alone.

#include <map>
#include <string>

#include "harness/api/invariants.h"
#include "nodes/clock/vector.h"

namespace sunder::text {

/// A name (key, origin, sequence) belongs to one update for good; a site applies each site's
/// updates once and in order, and each after those that it was made after; sites that have applied
/// the same updates have the same document; and what others were told survives a restart.
class TextInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Name {
    std::int64_t key = 0;
    std::int64_t origin = 0;
    std::int64_t sequence = 0;
    auto operator<=>(const Name&) const = default;
  };
  struct Known {
    std::int64_t element = 0;
    std::int64_t op = -1;
    clock::VectorClock seen;
  };
  struct State {
    std::int64_t sum = 0;
    std::int64_t length = 0;
    NodeId by;
    bool shared = false;  // more than one site was in it
  };
  using Site = std::map<std::int64_t, clock::VectorClock>;  // by key: what it has applied

  void on_boot(NodeId node);
  Broken on_edit(NodeId node, const Event& event);
  Broken on_apply(NodeId node, const Event& event);
  Broken on_state(NodeId node, const Event& event);
  Broken on_recovered(NodeId node, const Event& event);
  BrokenInvariant about(std::string sentence, const Name& name, std::string fate) const;

  std::map<std::int32_t, Site> sites_;
  std::map<Name, Known> updates_;
  std::map<std::pair<std::int64_t, std::string>, State> states_;  // by key and what is applied
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> told_;  // by key and origin: the
                                                                        // highest applied elsewhere
};

}  // namespace sunder::text
