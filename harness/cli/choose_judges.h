#pragma once
// Who judges the runs of a plan.

#include "harness/cli/plan.h"

namespace sunder {

/// The checkers of the claim and of every history, and the checks that the workload names. The
/// error says that nothing decides the claim that was asked for. REQUIRES: the plan's workload has
/// its options, and the system its own.
Result<Judges> choose_judges(const Plan& plan, const Catalogues& catalogues);

}  // namespace sunder
