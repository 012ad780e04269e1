#pragma once
// Verification of forbidden patterns (decision.h) on the full history. Nothing here is shared with
// the monitors that find them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "checker/linearizable/call.h"

namespace sunder::linearizable {

/// A pattern as a certificate names it: operations by their indexes in `all`.
struct Claim {
  std::string_view pattern;
  std::span<const Operation> all;
  std::span<const std::uint32_t> cited;

  const Operation& at(std::size_t i) const { return all[cited[i]]; }
};

enum class ContainerKind : std::uint8_t { queue, stack, priority_queue };

/// Each is empty when the pattern is there and no linearizable history has it; otherwise it says
/// what is wrong.
std::string disprove_register(const Claim& claim, std::int32_t initial);
std::string disprove_set(const Claim& claim);
std::string disprove_container(const Claim& claim, ContainerKind kind);

}  // namespace sunder::linearizable
