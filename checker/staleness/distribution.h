#pragma once
// Quantiles and histograms of figures that span many orders of magnitude.

#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/value.h"

namespace sunder::staleness {

/// A half-open range of figures.
struct Bucket {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const Bucket&) const = default;
};

/// Where a figure belongs: [0, 1), [1, 2), [2, 5), [5, 10), [10, 20) and so on. Negative ones are
/// counted with 0.
Bucket bucket_of(std::int64_t figure);

/// The nearest-rank quantile of sorted figures; 0 when there are none.
std::int64_t quantile(std::span<const std::int64_t> sorted, std::size_t per_mille);

/// {p50, p90, p99, p999, max, histogram: [{from, to, count}]} of figures in any order; ranges
/// without a figure are left out.
Value distribution(std::vector<std::int64_t> figures);

std::int64_t per_million(std::uint64_t part, std::uint64_t whole);

}  // namespace sunder::staleness
