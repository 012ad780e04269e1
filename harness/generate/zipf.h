#pragma once
// Skewed choices: a few keys are used hard, most of them rarely, as real loads do (Zipf's law).

#include <cstdint>
#include <vector>

#include "harness/core/rng.h"

namespace sunder::gen {

/// Draws ranks 0 .. count - 1; rank r has the weight 1 / (r + 1)^skew. Integers only, from a table:
/// the same draws everywhere. Skew 0 is uniform, 1 is Zipf's own law.
class Zipf {
 public:
  Zipf(std::size_t count, int skew);  // REQUIRES: 0 < count <= 2^20, 0 <= skew <= 3
  std::size_t draw(Rng& rng) const;   // one draw of the stream in all but a few cases
  std::size_t count() const { return sums_.size(); }

 private:
  std::vector<std::uint64_t> sums_;  // of the weights up to each rank, itself included
};

}  // namespace sunder::gen
