#pragma once
// Long histories of a causally consistent store, for measuring.

#include <cstdint>

#include "checker/weak/history.h"

namespace sunder::testing_support {

/// Clients of a store that converges: each is at a replica of its own, which answers from what it
/// has, and has the causal past of all it has. Concurrent writes are ordered by time.
struct CausalStore {
  std::uint32_t operations = 1000;
  std::uint32_t clients = 8;  // at a time, one a replica
  std::int32_t keys = 1000;
  std::uint32_t retire_per_mille = 0;     // operations after which a client's session ends
  std::uint32_t deliver_per_mille = 500;  // how often a replica hears of another before it answers
  std::uint64_t seed = 1;
};

/// Such a history. It keeps causal convergence, with intervals that do not overlap in a session.
weak::Registers causal_store(const CausalStore& wanted);

}  // namespace sunder::testing_support
