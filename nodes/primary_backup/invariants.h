#pragma once
// The promises of primary and backup, checked from the trace alone.

#include <map>
#include <vector>

#include "harness/api/invariants.h"

namespace sunder::primary_backup {

/// A view has one primary; a primary begins its view with every write that an earlier one has
/// acknowledged; and once it has begun, no earlier one acknowledges a write that it lacks.
class PrimaryBackupInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  struct Acknowledged {
    std::int64_t index = 0;
    std::int64_t view = 0;
    std::int64_t op = -1;
  };
  struct Begun {
    NodeId node;
    std::int64_t last = 0;  // of its log, when it began
  };
  Broken on_primary(NodeId node, const Event& event);
  Broken on_acknowledged(NodeId node, const Event& event);

  std::map<std::int64_t, Begun> primaries_;  // by view
  Acknowledged newest_;                      // of the highest index
};

}  // namespace sunder::primary_backup
