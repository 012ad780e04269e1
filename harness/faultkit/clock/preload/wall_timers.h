#pragma once
// Timers that were told a time of the wall clock. The kernel knows its own wall clock only, so each
// is set for when the node's gets there the way it goes, and set anew when that changes. Whoever
// wants to be told of such changes (TFD_TIMER_CANCEL_ON_SET) is not.

#include "harness/faultkit/clock/preload/real.h"

namespace sunder {

struct WallTimer {
  enum class Kind { none, descriptor, posix };
  Kind kind = Kind::none;
  int descriptor = -1;
  timer_t posix{};
  int flags = 0;
  itimerspec asked{};                // in the node's time
  std::int64_t kernel_deadline = 0;  // what it was set for

  bool is_same(const WallTimer& other) const {
    return kind == other.kind && descriptor == other.descriptor && posix == other.posix;
  }
};

/// Sets it and looks after it from now on; one that is past what can be looked after is only set.
/// As timer_settime().
int set_wall_timer(WallTimer timer, itimerspec* old);

/// Sets it as it was asked for; nobody looks after it any more.
int set_plain_timer(const WallTimer& timer, itimerspec* old);

}  // namespace sunder
