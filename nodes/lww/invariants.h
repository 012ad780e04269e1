#pragma once
// The promises of the last-writer-wins register, checked from the trace alone.

#include <map>

#include "harness/api/invariants.h"
#include "nodes/lww/messages.h"

namespace sunder::lww {

/// A stamp belongs to one write, of those that a crash did not undo before anybody heard of them; a
/// replica's stamp of a key never falls; an acknowledged write is held where it was acknowledged,
/// or a newer one is; what others were told survives a restart; and with hybrid clocks a write is
/// newer than what it was to replace.
class LwwInvariants : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId node, Instant time, const Event& event) override;

 private:
  using Broken = std::optional<BrokenInvariant>;
  using Stamps = std::map<std::int64_t, Stamp>;  // by key
  struct Replica {
    bool hybrid = false;
    Stamps held;    // since the boot
    Stamps told;    // of its own writes, ever: the newest that another replica holds
  };
  struct Written {
    std::int64_t key = 0;
    std::int64_t value = 0;
    std::int64_t op = -1;
    bool survived = false;  // a restart, or another replica holds it
  };

  Broken on_stored(NodeId node, const Event& event, bool recovered);
  Broken on_write(NodeId node, const Event& event);
  Broken on_recovered(NodeId node);
  BrokenInvariant about(std::string sentence, const Stamp& stamp, std::string fate) const;
  Replica& replica(std::int64_t node);

  std::map<std::int64_t, Replica> replicas_;
  std::map<Stamp, Written> writes_;
};

}  // namespace sunder::lww
