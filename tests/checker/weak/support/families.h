#pragma once
// Large histories of registers by named families, for the tests and benchmarks of weak models.

#include <cstdint>

#include "checker/weak/history.h"

namespace sunder::testing_support {

/// A seeded simulation of a replicated memory with one order of all writes. Each session sees a
/// prefix of them that only grows: sequential by construction, whatever the lag.
struct Family {
  std::uint64_t seed = 1;
  std::uint32_t operations = 1000;
  std::uint32_t sessions = 8;  // that are open at once
  std::uint32_t keys = 100;
  bool zipf = true;  // of keys; else uniform
  std::uint32_t read_percent = 50;
  std::uint32_t lag = 0;                // writes by which a session's prefix may trail
  bool sees_own_writes = true;          // else only the prefixes are consistent
  std::uint32_t retired_per_mille = 0;  // of operations that end their session; a new one begins
  enum class Plant : std::uint8_t {
    nothing,
    old_value,    // a session reads a value, and later the one before it
    split_order,  // two sessions see two writes in opposite orders
  };
  Plant plant = Plant::nothing;  // after half of the operations
};
weak::Registers family(const Family& wanted);

}  // namespace sunder::testing_support
