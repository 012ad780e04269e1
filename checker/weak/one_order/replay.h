#pragma once
// The check of a legal order, apart from everything that finds one.

#include "checker/weak/one_order/instance.h"

namespace sunder::weak::one_order {

/// Whether `order` is a legal order of all operations that contains the base order, by the
/// definitions in models.cpp.
bool is_witness(const Registers& registers, Base base, std::span<const Index> order);

}  // namespace sunder::weak::one_order
