#pragma once
// How long a test that compares a checker with a definition shall go on.

#include <cstdint>
#include <cstdlib>

namespace sunder::testing_support {

/// How many random histories a test takes: SUNDER_AGREEMENT, or `usual`.
inline std::uint64_t histories_asked(std::uint64_t usual) {
  const char* asked = std::getenv("SUNDER_AGREEMENT");
  return asked == nullptr ? usual : std::strtoull(asked, nullptr, 10);
}

}  // namespace sunder::testing_support
