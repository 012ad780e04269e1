#pragma once
// Decisions on small random histories against what the definitions say of them.

#include "checker/weak/finding.h"

namespace sunder::testing_support {

using Decide = weak::Finding(const weak::Registers&, const weak::Limits&);
using Define = bool(const weak::Registers&);

/// Fails on a history that is decided wrongly, whose core holds, or whose circle is none; and when
/// too few histories are refuted or held. SUNDER_AGREEMENT is how many are tried, and for one in
/// `larger_share` of them a larger one.
void compare_with_definition(Decide decide, Define define, std::uint64_t larger_share = 400);

}  // namespace sunder::testing_support
