#pragma once
// Where a test happens. The run loop knows nothing else about reality.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/invariants.h"
#include "harness/core/op.h"
#include "harness/core/time.h"

namespace sunder {

class World {
 public:
  virtual ~World() = default;
  virtual Instant now() const = 0;
  /// Carries an invocation to its client, nemesis or the control. Never blocks. Every dispatched op
  /// completes exactly once, at the op time-out at the latest (clients) as `info`.
  virtual void dispatch(const Op& invocation) = 0;
  /// The next completion if there is one by `deadline`; its time is taken here, so intervals are
  /// only ever wider than the truth. Returns early without one when `wake` conditions of the world
  /// arise (an interrupt). `deadline` may lie in the past: then it only polls.
  virtual std::optional<Op> await(Instant deadline) = 0;
};

/// A time in which the harness itself was late (frames held in the switch, threads not woken):
/// effects seen in it are not confirmed, so that a starved machine does not pass for a fault.
struct HarnessLag {
  Instant begin;
  Instant end;
  Duration worst{0};
  std::string where;  // "switch", "run loop" ...
};

/// What a world knows at the end of a run beyond the history. Concrete worlds give one.
struct WorldRecord {
  std::vector<BrokenInvariant> broken_invariants;   // the first few
  /// How the invariants were watched: "after every step"; empty when they were not. A verdict that
  /// they held says no more than this.
  std::string invariants_watched;
  /// Why this world can watch none, as the end of a sentence. Then they are no part of the verdict.
  std::string invariants_out_of_reach;
  std::map<std::string, std::uint64_t> probes;      // name -> times hit
  std::vector<HarnessLag> lags;
  std::uint64_t messages = 0;                       // delivered
  std::string digest;                               // of a simulated run, else empty
  std::string packets;                              // what bent them, where hosts differ in that
};

}  // namespace sunder
