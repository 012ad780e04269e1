#pragma once
// The simulated world: virtual time, a packet network, lossy disks and bent clocks in one thread.
// Equal tests (same seed) give equal histories and equal digests on every machine.

#include <functional>
#include <memory>

#include "harness/api/runtime.h"
#include "harness/api/test.h"
#include "harness/api/world.h"

namespace sunder {

/// What a crash keeps of the writes that no finished barrier covers.
enum class CrashPolicy : std::uint8_t {
  drawn,   // one of the others, drawn for each crash
  none,    // nothing
  prefix,  // the first so many, in program order; a torn record ends it
  subset,  // of the log a prefix, of the keys any
  all,     // everything that had left the process: nothing but the process has ended
};

struct SimOptions {
  /// Sees every trace event, and "started", "killed", "terminated", "paused", "resumed" of nodes.
  /// May be empty.
  std::function<void(Instant, NodeId, const Event&)> trace;
  CrashPolicy crash = CrashPolicy::drawn;
};

/// Single-threaded. Time moves only within await(). All nodes start as soon as time moves.
class SimWorld final : public World {
 public:
  /// `test` must outlive the world. REQUIRES: its system is a reference system (has make_node).
  explicit SimWorld(const Test& test, SimOptions options = {});
  ~SimWorld() override;

  Instant now() const override;
  void dispatch(const Op& invocation) override;
  /// When nothing is under way and `deadline` is `never`, returns at once and time stands still.
  std::optional<Op> await(Instant deadline) override;

  /// What is known so far; the digest covers every event and every count of draws.
  WorldRecord record() const;
  /// How many events have been run: for benchmarks.
  std::uint64_t events() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
