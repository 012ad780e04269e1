#pragma once
// Small random histories in which every value is put in or set once, as monitors want them.

#include <vector>

#include "checker/linearizable/call.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {

/// The calls at random moments, overlapping at random. Of those that may crash, some do.
linearizable::Operations at_random_moments(Rng& rng, std::vector<linearizable::Call> calls,
                                           std::uint32_t crash_per_mille);

/// Adds, takes and empty takes of up to five elements, 1 to 5.
std::vector<linearizable::Call> container_calls(Rng& rng);
/// Adds, removes and looks for up to three elements, 1 to 3.
std::vector<linearizable::Call> set_calls(Rng& rng);
/// Adds of 1, and reads of what they can make.
std::vector<linearizable::Call> counter_calls(Rng& rng);
/// Acquires and releases, about as many of each.
std::vector<linearizable::Call> lock_calls(Rng& rng);
/// Writes, cas and reads of up to seven values, 1 to 7. Nothing leaves 0.
std::vector<linearizable::Call> register_calls(Rng& rng);

}  // namespace sunder::testing_support
