#pragma once
// Comparing a domain check with its definition on many small histories.

#include <string_view>

#include "tests/checker/support/domain_histories.h"

namespace sunder::testing_support {

/// How many histories of each kind: SUNDER_AGREEMENT, or some hundred.
std::uint64_t histories_each();

/// Expects that the check counts anomalies of just the names that the definition finds, and that
/// both kinds of history occur. When it finds none, the verdict must not be invalid. Turning one
/// answer after the other into info must never make an accepted history invalid.
void compare(const DomainCheck& check, const RandomLoad& load,
             std::set<std::string> definition(const History&));

/// Herlihy and Wing's definition by trying all orders; the history has no keys.
bool linearizable_by_definition(std::string_view datatype, const History& history,
                                const OptionTexts& options = {});

}  // namespace sunder::testing_support
