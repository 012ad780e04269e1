// Whether what was measured is the effect of a link model. Integers only: an op's outcome is part
// of a simulated run's digest.

#include <algorithm>

#include "nemesis/policy/link_figures.h"

namespace sunder {
namespace {

constexpr Duration delay_tolerance = std::chrono::milliseconds(2);
constexpr Duration flood_least = std::chrono::milliseconds(50);

// The lists of links to judge: those struck that carried something at all, and all others.
struct Sides {
  std::set<Link> struck;
  std::set<Link> others;
};

Sides sides_of(const LinkComparison& comparison) {
  Sides sides;
  for (const auto& [link, sample] : comparison.without.links) {
    if (!comparison.struck.contains(link)) {
      sides.others.insert(link);
    } else if (!sample.arrivals.empty()) {
      sides.struck.insert(link);
    }
  }
  return sides;
}

std::string name_of(const Link& link) {
  return to_string(link.source) + ">" + to_string(link.target);
}

LinkFigures of(const LinkSamples& samples, const Link& link) {
  auto sample = samples.links.find(link);
  return sample == samples.links.end() ? LinkFigures{} : figures_of(sample->second);
}

// Whether `hits` of `tries` is within four standard deviations of the share. Losses that come in
// runs scatter as if there were 2 * run - 1 times fewer of them.
bool fits(std::int64_t hits, std::int64_t tries, Ratio share, std::int64_t run) {
  std::int64_t whole = share.denominator;
  std::int64_t part = share.numerator;
  std::int64_t off = hits * whole - tries * part;
  std::int64_t variance = tries * part * (whole - part) * (2 * run - 1);
  return off * off <= 16 * variance + whole * whole;
}

// "lost 3 of 400 instead of 20/100"
std::string share_amiss(const char* what, std::int64_t hits, std::int64_t tries, Ratio share) {
  return std::string(what) + " " + std::to_string(hits) + " of " + std::to_string(tries) +
         " instead of " + std::to_string(share.numerator) + "/" +
         std::to_string(share.denominator);
}

std::int64_t lost(const LinkFigures& figures) { return figures.sent - figures.received; }

// Half of what is expected must show at least: nothing at all is never within tolerance.
std::string share_check(const char* what, std::int64_t without, std::int64_t with,
                        std::int64_t tries, Ratio share, std::int64_t run) {
  std::int64_t more = std::max<std::int64_t>(0, with - without);
  bool seen = 4 * more * share.denominator >= tries * share.numerator;
  return seen && fits(more, tries, share, run) ? "" : share_amiss(what, more, tries, share);
}

// By how much the median of the delays should grow.
Duration median_growth(const LinkModel& model) {
  switch (model.spread) {
    case Spread::exponential: return model.delay + model.jitter * 693 / 1000;
    case Spread::normal: return model.delay;
    case Spread::pareto: return model.delay + model.jitter * 414 / 1000;
  }
  return model.delay;
}

std::string delay_amiss(const LinkComparison& comparison, const std::set<Link>& struck) {
  const LinkModel& model = comparison.model;
  Duration growth = median_growth(model);
  // The median of 20 draws scatters by about a quarter of the jitter.
  Duration allowed = std::max(delay_tolerance, growth / 10) + model.jitter * 5 / 4;
  for (const Link& link : struck) {
    LinkFigures with = of(comparison.with, link);
    if (with.received == 0) return name_of(link) + " carried nothing";
    Duration grown = with.median - of(comparison.without, link).median;
    if (grown >= growth / 2 && std::chrono::abs(grown - growth) <= allowed) continue;
    return name_of(link) + " was slower by " +
           std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(grown).count()) +
           "us instead of " + format_duration(growth);
  }
  return "";
}

// The line must have been faster before, and not be faster than it should be now; what else is sent
// over it makes it look slower.
std::string rate_amiss(const LinkComparison& comparison, const std::set<Link>& struck) {
  std::size_t measured = 0;
  for (const Link& link : struck) {
    LinkFigures with = of(comparison.with, link);
    LinkFigures without = of(comparison.without, link);
    if (with.received < 2) continue;
    ++measured;
    auto least = [&](const LinkFigures& figures) {  // of the time for so many bytes
      auto bytes = (figures.received - 1) * static_cast<std::int64_t>(comparison.sampling.size);
      return Duration{bytes * 1'000'000'000 / comparison.model.rate};
    };
    if (with.span < least(with) * 85 / 100) return name_of(link) + " was faster than its rate";
    if (without.span > least(without) * 2 / 3) {
      return name_of(link) + " was no faster without the limit";
    }
  }
  return 2 * measured >= struck.size() ? "" : "too few probes came through to measure a rate";
}

std::string hold_amiss(const LinkComparison& comparison, const std::set<Link>& struck) {
  for (const Link& link : struck) {
    if (of(comparison.with, link).received > 0) return name_of(link) + " did not hold";
  }
  return "";
}

std::string shares_amiss(const LinkComparison& comparison, const std::set<Link>& struck) {
  const LinkModel& model = comparison.model;
  LinkFigures without = figures_of(comparison.without, struck);
  LinkFigures with = figures_of(comparison.with, struck);
  std::string amiss;
  auto look = [&](std::string found) {
    if (amiss.empty()) amiss = std::move(found);
  };
  if (model.loss.numerator > 0) {
    look(share_check("lost", lost(without), lost(with), with.sent, model.loss, model.loss_run));
  }
  if (model.corrupt.numerator > 0) {
    std::int64_t refused = comparison.with.bad_checksums - comparison.without.bad_checksums;
    look(share_check("refused", 0, refused, with.sent, model.corrupt, 1));
    if (2 * lost(with) < refused) look("what was refused for its checksum arrived all the same");
  }
  if (model.duplicate.numerator > 0) {
    look(share_check("doubled", without.doubled, with.doubled, with.received, model.duplicate, 1));
  }
  if (model.reorder.numerator > 0) {
    // Not every packet that is held back is overtaken, so the share is only an upper bound.
    std::int64_t more = with.overtaken - without.overtaken;
    std::int64_t expected = with.received * model.reorder.numerator / model.reorder.denominator;
    if (2 * more < expected ||
        (more > expected && !fits(more, with.received, model.reorder, 1))) {
      look(share_amiss("overtaken", more, with.received, model.reorder));
    }
  }
  return amiss;
}

// What the fault must not do to links that it does not name.
std::string others_amiss(const LinkComparison& comparison, const std::set<Link>& others) {
  LinkFigures without = figures_of(comparison.without, others);
  LinkFigures with = figures_of(comparison.with, others);
  if (with.sent == 0 || without.received == 0) return "";
  const LinkModel& model = comparison.model;
  std::int64_t more = lost(with) - lost(without);
  if (more * 10 > with.sent && !fits(lost(with), with.sent,
                                     {static_cast<std::uint32_t>(lost(without)),
                                      static_cast<std::uint32_t>(with.sent)}, 1)) {
    return "links that are not struck lost " + std::to_string(more) + " more";
  }
  if (model.delay.count() > 0 && with.median - without.median > delay_tolerance + model.delay / 2) {
    return "links that are not struck are slower, too";
  }
  if (model.duplicate.numerator > 0 && 10 * (with.doubled - without.doubled) > with.received) {
    return "links that are not struck double, too";
  }
  return "";
}

}  // namespace

std::string what_is_amiss(const LinkComparison& comparison) {
  Sides sides = sides_of(comparison);
  if (sides.struck.empty()) return "the links carry nothing without the fault either";
  const LinkModel& model = comparison.model;
  std::string amiss;
  if (model.hold) amiss = hold_amiss(comparison, sides.struck);
  if (amiss.empty() && model.delay + model.jitter > Duration{0}) {
    amiss = delay_amiss(comparison, sides.struck);
  }
  if (amiss.empty() && model.rate > 0) amiss = rate_amiss(comparison, sides.struck);
  if (amiss.empty()) amiss = shares_amiss(comparison, sides.struck);
  if (amiss.empty()) amiss = others_amiss(comparison, sides.others);
  return amiss;
}

std::string what_is_amiss_with_flood(const LinkComparison& comparison) {
  Sides sides = sides_of(comparison);
  if (sides.struck.empty()) return "the links carry nothing now that the hold has ended";
  for (const Link& link : sides.struck) {
    LinkFigures with = of(comparison.with, link);
    if (with.received == 0) return name_of(link) + " lost what it held";
    if (with.median < flood_least) return name_of(link) + " had not held";
  }
  return others_amiss(comparison, sides.others);
}

}  // namespace sunder
