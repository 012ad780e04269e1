#include "nemesis/policy/link_figures.h"

#include <algorithm>
#include <map>
#include <vector>

namespace sunder {
namespace {

using std::chrono::milliseconds;

constexpr int count_least = 20;
constexpr int count_most = 500;
constexpr std::size_t rate_probe_size = 1200;

std::int64_t microseconds_of(Duration duration) { return duration.count() / 1000; }

// Adds a sample to the figures, all but the median, and its delays to the list.
void add(LinkFigures& figures, const LinkSample& sample, std::vector<Duration>& delays) {
  std::map<int, int> seen;
  int latest = -1;
  std::vector<Duration> own;
  for (const LinkSample::Arrival& arrival : sample.arrivals) {
    int times = ++seen[arrival.sequence];
    if (times == 2) ++figures.doubled;
    if (times > 1) continue;
    ++figures.received;
    if (arrival.sequence < latest) ++figures.overtaken;
    latest = std::max(latest, arrival.sequence);
    own.push_back(arrival.delay);
  }
  figures.sent += sample.sent;
  if (own.empty()) return;
  auto [first, last] = std::minmax_element(own.begin(), own.end());
  figures.longest = std::max(figures.longest, *last);
  figures.span = std::max(figures.span, Duration(*last - *first));
  delays.insert(delays.end(), own.begin(), own.end());
}

Duration median_of(std::vector<Duration>& delays) {
  if (delays.empty()) return Duration{0};
  auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
  std::nth_element(delays.begin(), middle, delays.end());
  return *middle;
}

// The smallest share that probes have to show, which needs the most of them.
Ratio rarest(const LinkModel& model) {
  Ratio rarest;
  for (Ratio share : {model.loss, model.duplicate, model.reorder, model.corrupt}) {
    if (share.numerator == 0) continue;
    auto left = std::uint64_t{share.numerator} * rarest.denominator;
    auto right = std::uint64_t{rarest.numerator} * share.denominator;
    if (rarest.numerator == 0 || left < right) rarest = share;
  }
  return rarest;
}

}  // namespace

LinkFigures figures_of(const LinkSample& sample) {
  LinkFigures figures;
  std::vector<Duration> delays;
  add(figures, sample, delays);
  figures.median = median_of(delays);
  return figures;
}

LinkFigures figures_of(const LinkSamples& samples, const std::set<Link>& links) {
  LinkFigures figures;
  std::vector<Duration> delays;
  for (const auto& [link, sample] : samples.links) {
    if (links.contains(link)) add(figures, sample, delays);
  }
  figures.median = median_of(delays);
  return figures;
}

Value to_value(const LinkFigures& figures) {
  Map map;
  map["sent"] = figures.sent;
  map["received"] = figures.received;
  if (figures.doubled > 0) map["doubled"] = figures.doubled;
  if (figures.overtaken > 0) map["overtaken"] = figures.overtaken;
  if (figures.received > 0) {
    map["median_us"] = microseconds_of(figures.median);
    map["longest_us"] = microseconds_of(figures.longest);
  }
  return map;
}

LinkSampling sampling_for(const LinkModel& model, std::size_t links) {
  LinkSampling sampling;
  sampling.count = count_least;
  sampling.patience = std::min<Duration>(
      milliseconds(200) + 2 * model.delay + 16 * model.jitter + model.reorder_span,
      std::chrono::seconds(10));
  if (model.rate > 0) {
    // All at once: they fill the line for some 400 ms.
    std::int64_t count = 2 * model.rate / 5 / static_cast<std::int64_t>(rate_probe_size);
    sampling.count = static_cast<int>(std::clamp<std::int64_t>(count, 4, 100));
    sampling.interval = Duration{0};
    sampling.size = rate_probe_size;
    sampling.patience += std::chrono::milliseconds(2500);  // what else the line still holds
    return sampling;
  }
  Ratio share = rarest(model);
  if (share.numerator > 0) {
    // Four deviations must be well under the mean, or no effect could not be told from the effect.
    std::int64_t rest = std::int64_t{share.denominator} - share.numerator;
    std::int64_t runs = 2 * std::int64_t{model.loss_run} - 1;
    std::int64_t needed = 30 * std::max<std::int64_t>(rest, 1) * runs / share.numerator;
    std::int64_t each = needed / static_cast<std::int64_t>(std::max<std::size_t>(links, 1));
    sampling.count = static_cast<int>(std::clamp<std::int64_t>(each, 3 * count_least, count_most));
    sampling.interval = milliseconds(2);
  }
  if (model.hold) sampling.interval = milliseconds(10);
  return sampling;
}

Value to_value(const LinkComparison& comparison) {
  std::set<Link> others;
  for (const auto& [link, sample] : comparison.with.links) {
    if (!comparison.struck.contains(link)) others.insert(link);
  }
  Map map;
  map["model"] = to_value(comparison.model);
  map["without"] = to_value(figures_of(comparison.without, comparison.struck));
  map["with"] = to_value(figures_of(comparison.with, comparison.struck));
  if (!others.empty()) {
    map["others_without"] = to_value(figures_of(comparison.without, others));
    map["others_with"] = to_value(figures_of(comparison.with, others));
  }
  if (comparison.with.bad_checksums > 0) map["bad_checksums"] = comparison.with.bad_checksums;
  if (comparison.model.rate > 0) {
    List rates;  // bytes of content a second over each struck link
    for (const Link& link : comparison.struck) {
      auto sample = comparison.with.links.find(link);
      if (sample == comparison.with.links.end()) continue;
      LinkFigures figures = figures_of(sample->second);
      if (figures.received < 2 || figures.span.count() == 0) continue;
      rates.emplace_back((figures.received - 1) *
                         static_cast<std::int64_t>(comparison.sampling.size) * 1'000'000 /
                         std::max<std::int64_t>(1, microseconds_of(figures.span)));
    }
    map["bytes_a_second"] = std::move(rates);
  }
  return map;
}

}  // namespace sunder
