#pragma once
// Registers written out in a test, or drawn at random.

#include <cstdint>
#include <vector>

#include "checker/weak/history.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {

/// Operations in any order. Each position is a microsecond.
class RegisterScript {
 public:
  using Index = weak::Index;

  /// Both return what a read names as its source.
  Index write(std::uint32_t session, std::int32_t key, std::uint32_t invoked,
              std::uint32_t returned = weak::never);
  Index read(std::uint32_t session, std::int32_t key, Index source, std::uint32_t invoked,
             std::uint32_t returned);
  weak::Registers take();
  /// Where take() put what write() or read() returned.
  Index place(Index drafted) const { return place_[drafted]; }

 private:
  Index add(weak::Operation operation);

  std::vector<weak::Operation> drafts_;
  std::vector<Index> place_;
};

/// Of which kind random registers are.
struct Drawn {
  std::uint32_t operations = 8;
  std::uint32_t keys = 1;
  std::uint32_t sessions = 4;          // in flight at a time at most
  std::uint32_t reads_per_mille = 600;
  std::uint32_t crashes_per_mille = 0; // of writes: they never return
  std::uint32_t versions = 4;          // a read returns one of so many latest writes
  std::uint32_t future_per_mille = 0;  // of reads: of any write, also a later one
};

/// A crashed write ends its session, and a new one takes over.
weak::Registers draw_registers(Rng& rng, const Drawn& drawn);

}  // namespace sunder::testing_support
