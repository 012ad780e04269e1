#include "checker/staleness/distribution.h"

#include <algorithm>

namespace sunder::staleness {

Bucket bucket_of(std::int64_t figure) {
  if (figure < 1) return {0, 1};
  std::int64_t decade = 1;
  while (figure / decade >= 10) decade *= 10;
  std::int64_t digit = figure / decade;
  // No figure of nanoseconds comes near, but a hostile one may stand in a file.
  auto times = [&](std::int64_t factor) {
    return decade > INT64_MAX / factor ? INT64_MAX : decade * factor;
  };
  if (digit < 2) return {decade, times(2)};
  if (digit < 5) return {times(2), times(5)};
  return {times(5), times(10)};
}

std::int64_t quantile(std::span<const std::int64_t> sorted, std::size_t per_mille) {
  if (sorted.empty()) return 0;
  std::size_t rank = (sorted.size() * per_mille + 999) / 1000;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

Value distribution(std::vector<std::int64_t> figures) {
  std::sort(figures.begin(), figures.end());
  List histogram;
  for (auto at = figures.begin(); at != figures.end();) {
    Bucket bucket = bucket_of(*at);
    auto end = std::find_if(at, figures.end(),
                            [&](std::int64_t figure) { return bucket_of(figure) != bucket; });
    histogram.push_back(
        Map{{"from", bucket.from}, {"to", bucket.to}, {"count", std::int64_t{end - at}}});
    at = end;
  }
  Map map;
  map["p50"] = quantile(figures, 500);
  map["p90"] = quantile(figures, 900);
  map["p99"] = quantile(figures, 990);
  map["p999"] = quantile(figures, 999);
  map["max"] = quantile(figures, 1000);
  map["histogram"] = std::move(histogram);
  return map;
}

std::int64_t per_million(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<std::int64_t>(part * 1'000'000 / whole);
}

}  // namespace sunder::staleness
