#pragma once
// From a refutation to the fewest operations that show it.

#include "checker/weak/finding.h"
#include "checker/weak/models.h"

namespace sunder::weak {

/// Operations of a history that by themselves break a model.
struct Contradiction {
  std::vector<Index> operations;  // ascending
  bool minimal = false;           // without any one of them the rest would be allowed
  Finding finding;                // of the history restricted to them, in their numbers
};

/// Looks for a small contradiction in a refuted history, from the finding's core. The part that it
/// returns was decided anew. Ends at the deadline with what it has by then.
Contradiction reduce(const Model& model, const Registers& registers, const Finding& finding,
                     const Limits& limits);

}  // namespace sunder::weak
