#pragma once
// Small histories by way of recorded ops, as a checker gets them.

#include "checker/weak/decode.h"
#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {

Decoded decoded(const Litmus& litmus);

/// What a checker tells of it: for each weakest refuted model that can be decided why it is
/// refuted, or what it read that nobody wrote. Pairs of an anomaly's name and its explanation.
std::vector<std::pair<std::string, std::string>> explanations(const Litmus& litmus);

}  // namespace sunder::weak::support
