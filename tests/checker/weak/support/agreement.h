#pragma once
// Decisions on small random histories against what the definitions say of them.

#include "checker/weak/finding.h"

namespace sunder::testing_support {

using Decide = weak::Finding(const weak::Registers&, const weak::Limits&);
using Define = bool(const weak::Registers&);

/// Fails on a history that is decided wrongly, whose core holds, or whose circle is none; and when
/// too few histories are refuted or held. SUNDER_AGREEMENT is how many are tried.
void compare_with_definition(Decide decide, Define define);

}  // namespace sunder::testing_support
