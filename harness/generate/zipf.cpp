#include "harness/generate/zipf.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::gen {

Zipf::Zipf(std::size_t count, int skew) {
  ASSERT(count > 0 && count <= (std::size_t{1} << 20) && skew >= 0 && skew <= 3);
  sums_.reserve(count);
  std::uint64_t sum = 0;
  for (std::uint64_t place = 1; place <= count; ++place) {
    // 2^40 leaves room for the sum of 2^20 weights, and gives every place of a usual table some.
    std::uint64_t weight = std::uint64_t{1} << 40;
    for (int i = 0; i < skew; ++i) weight /= place;
    sum += std::max<std::uint64_t>(weight, 1);
    sums_.push_back(sum);
  }
}

std::size_t Zipf::draw(Rng& rng) const {
  std::uint64_t drawn = rng.below(sums_.back());
  return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), drawn) -
                                  sums_.begin());
}

}  // namespace sunder::gen
