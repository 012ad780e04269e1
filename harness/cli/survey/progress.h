#pragma once
// Whether clients got answers at all: what no model of consistency promises.

#include "harness/cli/simulate.h"

namespace sunder::survey {

/// Nothing that was tried after the proof of healing was ok, or nothing at all was ok.
bool stuck(const SimulatedRun& run);

/// The longest time before healing in which operations were tried and none was ok.
Duration longest_stall(const SimulatedRun& run);

}  // namespace sunder::survey
