#pragma once
// A search for histories that separate models, led by what was found before.

#include "harness/core/rng.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {

/// Tries different histories of up to eleven operations until each pair of models that
/// the edges do not connect is separated `least` times, or so many histories were tried. Begins
/// with `known`, and changes what separated the rarest pairs.
void separate(Separations& separations, const std::vector<std::string>& known, Rng& rng,
              std::uint64_t least, std::uint64_t histories_max);

/// Whether the first model holds and the second is refuted.
bool is_separated(const Registers& registers, std::size_t held, std::size_t refuted);

/// The history without operations that the separation does not need.
Registers smallest_separation(const Registers& registers, std::size_t held, std::size_t refuted);

}  // namespace sunder::weak::support
