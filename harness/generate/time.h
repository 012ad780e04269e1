#pragma once
// When ops happen. Times are of the run: virtual in the simulator.

#include "harness/api/generator.h"
#include "harness/core/rng.h"

namespace sunder::gen {

/// Ends `limit` after its first op. An op that would come too late is dropped; while others are
/// under way it waits for them first, because they may make room for an op that is sooner.
Generator time_limit(Duration limit, Generator generator);

/// Random spacing between ops, uniform from 0 to twice the mean, over all threads together. The
/// first op comes at once.
Generator stagger(Rng rng, Duration mean, Generator generator);

/// Even spacing between ops over all threads together; catches up when it fell behind.
Generator delay(Duration spacing, Generator generator);

}  // namespace sunder::gen
