#pragma once
// In words: which operations show what was found out about the end of a history, or about its
// atomicity.

#include <span>
#include <string>

#include "checker/staleness/atomicity.h"
#include "checker/staleness/converge.h"
#include "checker/weak/decode.h"
#include "harness/core/verdict.h"

namespace sunder::staleness {

/// Of a refuted key: the anomaly diverged, converged-on-nil or converged-on-overwritten. detail:
/// {key, end, values: [{process, value, op}], agreed_after}, with what the last final read of each
/// process returned, and the op of its invocation.
Anomaly explain(const KeyEnding& ending, const weak::Decoded& decoded);

/// {key, k, writes: [{value, invoked (op), reads}]}: the clusters that show why no smaller k will
/// do, at most 10 of them.
Value why_not_smaller(std::int32_t key, const AtomicityFinding& finding,
                      std::span<const Cluster> clusters, const weak::Decoded& decoded);

/// "1", "2", "more" or "none".
std::string_view to_string(Atomicity atomicity);

}  // namespace sunder::staleness
