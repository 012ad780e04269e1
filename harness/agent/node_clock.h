#pragma once
// The clock of a lab node: what is done to it, and what programs of the node see of it.

#include <filesystem>

#include "harness/faultkit/clock/wall_clock.h"
#include "harness/faultkit/process.h"

namespace sunder {

class NodeClock {
 public:
  /// REQUIRES: the node's file tree stands; `file` is a path in it.
  static Result<NodeClock> create(const std::filesystem::path& file);

  WallClock& wall() { return wall_; }
  /// As launch(), of a program that reads this clock.
  Result<pid_t> launch(Launch launch) const;

  struct Seen {
    std::int64_t monotonic = 0;  // when a program read it
    std::int64_t offset = 0;     // of its wall clock from the machine's
  };
  /// Asks a program that is launched for it. REQUIRES: nobody else waits for our children now.
  Result<Seen> look() const;
  /// Makes all processes that descend from us read this clock, also those that have executed
  /// another program since. An Error names the first that could not be made to.
  Status take_in_all() const;

 private:
  explicit NodeClock(WallClock wall) : wall_(std::move(wall)) {}
  WallClock wall_;
};

/// What the program that look() launches prints: both of its clocks.
std::string tell_clocks();
inline constexpr const char* tell_clocks_argument = "tell-clocks";

}  // namespace sunder
