#pragma once
// From a proof to what a person must see: the ops that contradict each other, and why.

#include "checker/linearizable/record.h"
#include "checker/linearizable/reduce.h"
#include "harness/core/verdict.h"

namespace sunder::linearizable {

/// What the explanation may look at. Everything outlives it.
struct Scene {
  const Datatype& datatype;
  const Recorder& recorder;
  std::span<const Operation> operations;  // the partition's
  bool keyed = false;
  Value key;
};

/// The anomaly of a partition whose operations contradict each other. Its detail: {key, window:
/// {begin, end} in ns, stuck_op, last_states, candidates: [{op, call, reason}], ops}, where an op
/// is the index of an invocation.
Anomaly explain(const Scene& scene, const Contradiction& contradiction, Model& model);
/// The anomaly of a forbidden pattern. Its detail: {key, window, pattern, theorem, ops}.
Anomaly explain(const Scene& scene, const Pattern& pattern);

}  // namespace sunder::linearizable
