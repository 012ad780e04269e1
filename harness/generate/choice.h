#pragma once
// Several generators at once.

#include <vector>

#include "harness/api/generator.h"
#include "harness/core/rng.h"

namespace sunder::gen {

/// The soonest op that any of them offers; events go to all. Ties go round: the one after the last
/// that was used wins, so that no generator starves another. Ends when all have ended.
Generator any(std::vector<Generator> generators);

/// What `first` offers at once; else what `second` offers. Events go to both. Ends when both have.
Generator prefer(Generator first, Generator second);

/// What either offers, the sooner first, for as long as `lasting` has something to come; what is
/// then left of `meanwhile` is dropped. Events go to both.
Generator during(Generator lasting, Generator meanwhile);

/// Each time one of them at random, ones that have ended left out. When the chosen one has to wait
/// the others are asked in turn, so that it does not stall them (Jepsen's mix does).
Generator mix(Rng rng, std::vector<Generator> generators);

/// First a's next op, then b's, then a's ... Ends as soon as the one whose turn it is has ended.
Generator flip_flop(Generator a, Generator b);

}  // namespace sunder::gen
