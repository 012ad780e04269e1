#pragma once
// Operations as the linearizability checkers see them: numbers.

#include <cstdint>
#include <vector>

namespace sunder::linearizable {

/// One call with its answer. What the fields mean is the datatype's business; values and keys are
/// ids of its ValueTable, where 0 is nil. Calls that compare equal are interchangeable.
struct Call {
  std::uint32_t verb = 0;
  std::int32_t key = 0;
  std::int32_t input = 0;
  std::int32_t output = 0;
  auto operator<=>(const Call&) const = default;
};

/// When no completion says that a call took effect: it may do so at any later time, or never.
inline constexpr std::uint32_t open_end = UINT32_MAX;

/// A call between its invocation and its return, which are positions of ops in the history.
struct Operation {
  Call call;
  std::uint32_t invoked = 0;
  std::uint32_t returned = open_end;

  bool crashed() const { return returned == open_end; }
};

/// The operations of one partition, in order of invocation. Positions are pairwise different.
using Operations = std::vector<Operation>;

}  // namespace sunder::linearizable
