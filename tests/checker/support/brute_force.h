#pragma once
// The definition of linearizability, tried out literally: every subset of the crashed calls, every
// order of the calls that respects real time. For a handful of operations.

#include <vector>

#include "checker/linearizable/register.h"

namespace sunder::testing_support {

bool brute_force(const linearizable::RegisterModel& model,
                 const std::vector<linearizable::RegisterOperation>& operations);

}  // namespace sunder::testing_support
