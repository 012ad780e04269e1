#pragma once
// What is known of the order of writes before any search.

#include "checker/weak/one_order/components.h"
#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

/// A chain that wrote or read one value of a key and later reads another has seen them in order:
/// one lesson for each such pair, in the time of one pass. Only pairs within a component: between
/// others the order of the components decides.
void learn_from_chains(const Instance& instance, const Components& components, Lessons& lessons);

}  // namespace sunder::weak::one_order
