#pragma once
// Small random histories of registers, and what the definitions say of them.

#include <cstdint>
#include <span>
#include <string>

#include "checker/weak/history.h"

namespace sunder::testing_support {

/// So many operations in up to four sessions on up to three keys. Reads return what was written
/// when they were invoked or a little later, or any value of the key.
weak::Registers small_registers(std::uint64_t seed, std::int64_t least = 4, std::int64_t most = 7);

/// A line for each session: w0 writes key 0; r0<3 reads what operation 3 wrote; r0 the initial
/// value.
std::string text_of(const weak::Registers& registers);

/// The part of a history that these operations (ascending) make, with sources among them.
weak::Registers part_of(const weak::Registers& registers, std::span<const weak::Index> keep);

/// By trying all orders, each by the definition in checker/weak/models.cpp.
bool is_sequential(const weak::Registers& registers);
bool is_ordered_sequential(const weak::Registers& registers);
bool is_consistent_prefix(const weak::Registers& registers);
bool is_processor(const weak::Registers& registers);

}  // namespace sunder::testing_support
