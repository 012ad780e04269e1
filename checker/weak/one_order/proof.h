#pragma once
// The explanation of a refutation, from what was learnt.

#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

/// REQUIRES: the last lesson has no pairs. The core is all operations on which it rests; the circle
/// is its waits, where each of them stands by itself or on a read of what comes later.
Finding refutation(const Instance& instance, const Lessons& lessons);

}  // namespace sunder::weak::one_order
