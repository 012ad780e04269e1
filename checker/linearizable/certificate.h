#pragma once
// Proofs of verdicts as data, and their verification.
//
// A certificate is a map:
//   {format: "sunder-certificate", version: 1, consistency: "linearizable", datatype, options: {},
//    keyed, split, partitions: [PARTITION ...]}
// A partition is {key, order: [op ...], answers: [[op answer] ...]}: a linearization, by the
// positions of the invocations, with the answers that crashed calls gave in it; or
// {key, pattern: {name, theorem, operations: [op ...]}}: a forbidden pattern; or
// {key, configurations: {after, counted, layers: [{returns: op, at: [{state, done: [op ...],
// used: [[op count] ...]} ...]} ...]}}: every way in which things can stand before each of these
// returns, if calls are placed only when a return needs them; from the last one no way leads on.
// `after` is the position of the history at which the layers begin, from any state that calls can
// reach; 0: at the beginning, in the initial state. An op in `used` stands for all equal calls.
// Crashed calls that the datatype's prune() leaves out are left out of configurations.

#include <span>
#include <string>

#include "checker/linearizable/datatype.h"
#include "checker/linearizable/decision.h"
#include "checker/linearizable/engine.h"
#include "checker/linearizable/record.h"

namespace sunder::linearizable {

Value order_proof(std::span<const Operation> operations, const Decision& decision);
Value pattern_proof(std::span<const Operation> operations, const Pattern& pattern);
Value refutation_proof(std::span<const Operation> operations, const Refutation& refutation);

}  // namespace sunder::linearizable
