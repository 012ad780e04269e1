#pragma once
// What probes say of links, and whether that is what a link model would do to them.

#include <set>
#include <string>

#include "harness/api/cluster.h"
#include "harness/core/value.h"

namespace sunder {

/// What links did with the probes sent over them.
struct LinkFigures {
  std::int64_t sent = 0;
  std::int64_t received = 0;   // of those sent, each counted once
  std::int64_t doubled = 0;    // came more than once
  std::int64_t overtaken = 0;  // came after one that was sent later over the same link
  Duration median{0};          // of the delays of first arrivals
  Duration longest{0};
  Duration span{0};            // from the first arrival to the last, of probes sent at once
};
LinkFigures figures_of(const LinkSample& sample);
/// Of all these links together; the median is over all probes.
LinkFigures figures_of(const LinkSamples& samples, const std::set<Link>& links);
Value to_value(const LinkFigures& figures);

/// As many probes, so far apart, as it takes to see this model at work on so many links.
LinkSampling sampling_for(const LinkModel& model, std::size_t links);

/// What was measured without and with a rule, by the same sampling.
struct LinkComparison {
  LinkModel model;
  LinkSampling sampling;
  std::set<Link> struck;
  LinkSamples without;
  LinkSamples with;
};

/// "" when each quality of the model shows on the struck links, in the measure that it should, and
/// not on the others; else what is amiss. Shares must lie within four standard deviations, delays
/// within 10 % or 2 ms, and what jitter adds to that.
std::string what_is_amiss(const LinkComparison& comparison);
/// The same for a hold that ended while `with` was measured: the probes must have come then.
std::string what_is_amiss_with_flood(const LinkComparison& comparison);

/// {"model", "without", "with", "others_without", "others_with" ...}
Value to_value(const LinkComparison& comparison);

}  // namespace sunder
