#pragma once
// Every model's definition, word for word, for small histories.

#include <chrono>
#include <string_view>

#include "checker/weak/models.h"
#include "tests/checker/weak/support/relation.h"

namespace sunder::weak::support {

/// The bound of bounded staleness in all tests, in nanoseconds.
inline constexpr std::chrono::nanoseconds staleness{10};

/// Whether the history keeps the model, by trying all orders. REQUIRES: at most size_max
/// operations, and a model that has a definition here.
bool keeps(std::string_view model, const Registers& registers);
bool has_definition(std::string_view model);

/// The definitions of causal, causal-convergence and causal-memory with another relation in place
/// of co.
bool keeps_with(std::string_view model, const Registers& registers, const Relation& co);

}  // namespace sunder::weak::support
