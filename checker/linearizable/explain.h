#pragma once
// From a failed search to what a person must see: the ops that contradict each other, and why.

#include <span>
#include <string>

#include "checker/linearizable/register.h"
#include "checker/linearizable/search.h"
#include "harness/core/verdict.h"

namespace sunder::linearizable {

/// What the explanation may look at. Everything outlives it.
struct Scene {
  const RegisterModel& model;
  const ValueTable& values;
  bool keyed = false;
  Value key;
  Limits limits;  // for the searches that shrink the contradiction
};

/// The anomaly of one key. The operations are that key's, in order of invocation, and have been
/// found not linearizable. Its detail: {key, window: {begin, end} in ns, stuck_op, last_states,
/// candidates: [{op, call, reason}], ops}, where an op is the index of an invocation.
Anomaly explain(const Scene& scene, std::span<const RegisterOperation> operations,
                const SearchResult<std::int32_t>& result);

}  // namespace sunder::linearizable
