#pragma once
// What was broken when an anomaly happened.

#include <vector>

#include "harness/api/checker.h"

namespace sunder {

/// Adds to each anomaly's explanation which confirmed faults were on when its last op ended, and
/// puts the anomalies that have one first: they are the ones that a fault explains. The verdict's
/// summary follows its first anomaly.
void relate_to_faults(Verdict& verdict, const History& history,
                      const std::vector<FaultWindow>& windows);

}  // namespace sunder
