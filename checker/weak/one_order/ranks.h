#pragma once
// In which order writes are tried.

#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

std::vector<std::uint32_t> asap_ranks(const Instance& instance, const Lessons& lessons, int mode);

}  // namespace sunder::weak::one_order
