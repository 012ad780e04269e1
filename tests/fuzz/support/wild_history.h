#pragma once
// Histories out of any bytes at all: the words of all datatypes, in the wrong places.

#include <cstddef>
#include <cstdint>

#include "harness/core/history.h"

namespace sunder::fuzz {

/// Every byte string is a history, of at most some hundred ops: processes of which some go on after
/// they should not, completions without invocations, verbs and values of every datatype.
History wild_history(const std::uint8_t* data, std::size_t size);

}  // namespace sunder::fuzz
