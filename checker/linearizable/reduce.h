#pragma once
// The smallest part of a history that still contradicts itself: what a person must look at.

#include <span>
#include <vector>

#include "checker/linearizable/budget.h"
#include "checker/linearizable/datatype.h"
#include "checker/linearizable/engine.h"

namespace sunder::linearizable {

/// Operations that cannot be ordered, whichever of the states they begin in.
struct Contradiction {
  Operations operations;            // in order of invocation
  std::vector<StateId> initial;     // the initial state, or all that calls can reach
  std::uint32_t stuck = 0;          // index of the operation whose return nothing passes
  std::vector<Configuration> last;  // just before that return; `done` are indexes
};

/// Reduces what a refutation is about by moves that never make a contradiction:
/// - what began after the last return is left out, and what returns after it becomes crashed (a
///   prefix of a linearizable history is linearizable);
/// - what returned before the first is replaced by the states that it may have left;
/// - operations that only observe are left out;
/// - definite operations become crashed, which may take effect at any time or never.
/// The result is minimal: no single such move leaves a contradiction, as far as the budget allows
/// to try; crashed calls that the datatype knows to be idle there are left out at last.
Contradiction reduce(std::span<const Operation> operations, const Refutation& refutation,
                     const Datatype& datatype, Model& model, const Budget& budget);

}  // namespace sunder::linearizable
