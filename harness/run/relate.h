#pragma once
// What was broken when an anomaly happened.

#include <vector>

#include "harness/api/checker.h"

namespace sunder {

/// Adds to each anomaly's explanation which confirmed faults were on when its last op ended, and
/// whether a partition had cut off the node that one of its processes asks first (process mod
/// `nodes`). Such anomalies come first, then others with a fault: they are the ones that a fault
/// explains. The verdict's summary follows its first anomaly.
void relate_to_faults(Verdict& verdict, const History& history,
                      const std::vector<FaultWindow>& windows, int nodes);

}  // namespace sunder
