#pragma once
// A refutation in words for people, with the ops that prove it.

#include "checker/weak/decode.h"
#include "checker/weak/models.h"
#include "checker/weak/reduce.h"
#include "harness/core/verdict.h"

namespace sunder::weak {

/// The anomaly NAME-violation. detail: {model, minimal, operations: [{op, process, verb, key,
/// value, invoked, completed}], circle: [{before, after, why, because}] with ops as indexes of
/// invocations}.
Anomaly explain(const Model& model, const Decoded& decoded, const Contradiction& contradiction);

/// The anomalies unwritten-read and aborted-read: values that no write can have left. At most
/// `limit` of them.
std::vector<Anomaly> explain_unwritten(const Decoded& decoded, std::size_t limit);

}  // namespace sunder::weak
