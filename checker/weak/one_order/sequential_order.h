#pragma once
// A short search for a sequential order, for models that follow from it.

#include "checker/weak/finding.h"

namespace sunder::weak::one_order {

/// Whether a sequential order was found, and checked, with not many more dead ends than there are
/// operations. False says nothing.
bool finds_sequential_order(const Registers& registers, const Limits& limits);

}  // namespace sunder::weak::one_order
