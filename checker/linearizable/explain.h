#pragma once
// From a failed search to what a person must see: the ops that contradict each other, and why.

#include <span>
#include <string>
#include <vector>

#include "checker/linearizable/register.h"
#include "checker/linearizable/search.h"
#include "harness/core/verdict.h"

namespace sunder::linearizable {

/// What the explanation may look at. Everything outlives it.
struct Scene {
  const RegisterModel& model;
  const ValueTable& values;
  std::string key;  // as EDN; empty when the history is not keyed
  Limits limits;    // for the searches that shrink the contradiction
};

/// The anomaly of one key. The operations are that key's, in order of invocation, and have been
/// found not linearizable.
Anomaly explain(const Scene& scene, std::span<const RegisterOperation> operations,
                const SearchResult<std::int32_t>& result);

}  // namespace sunder::linearizable
