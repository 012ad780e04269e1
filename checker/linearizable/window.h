#pragma once
// The smallest part of a history that still contradicts itself: what a person must look at.

#include <optional>
#include <span>
#include <vector>

#include "checker/linearizable/register.h"
#include "checker/linearizable/search.h"

namespace sunder::linearizable {

/// Operations that cannot be ordered, whichever of the values the register held before them.
struct Window {
  std::vector<RegisterOperation> operations;  // in order of invocation
  std::vector<std::int32_t> initial;
  SearchResult<std::int32_t> result;  // not linearizable

  const RegisterOperation& stuck() const { return operations[result.stuck]; }
};

/// Shrinks a contradiction by steps that never make one:
/// - what is invoked after the stuck call's return is left out, and what returns after it becomes
///   optional (a prefix of a linearizable history is linearizable);
/// - what returned before some moment is replaced by every value that the register may have held
///   then, and mutations pending at that moment become optional;
/// - observations are left out, and so are mutations whose value no operation that stays has to
/// find. Every step is tried with a search of its own, within the limits. REQUIRES: `result` says
/// that the operations are not linearizable.
Window shrink(const RegisterModel& model, std::span<const RegisterOperation> operations,
              const SearchResult<std::int32_t>& result, const Limits& limits);

}  // namespace sunder::linearizable
