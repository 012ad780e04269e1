// Swarm testing (Groce, Zhang, Eide, Chen and Regehr, "Swarm Testing", ISSTA 2012): each run leaves
// some of the faults out, so that what they would hide can show, and some come often.

#include <array>

#include "harness/cli/plan.h"

namespace sunder {
namespace {

// Of an option that mixes everything by default, one way for the whole run; every other run mixes.
Options narrowed(const std::vector<OptionSpec>& specs, const Options& chosen, Rng& rng) {
  std::map<std::string, std::string> set(chosen.all().begin(), chosen.all().end());
  for (const OptionSpec& spec : specs) {
    bool mixes = spec.fallback == "mix" && set[spec.name] == "mix";
    if (!mixes) continue;
    bool narrow = rng.chance({1, 2});
    std::uint64_t which = rng.below(spec.choices.size());
    if (narrow) set[spec.name] = spec.choices[which];
  }
  Result<Options> options = Options::parse(specs, set);
  return options ? *options : chosen;
}

}  // namespace

std::vector<Intensity> intensities(const Plan& plan, std::uint64_t seed) {
  std::vector<Intensity> all;
  for (const Options& options : plan.nemesis_options) {
    all.push_back({.acts = true, .interval = plan.interval, .options = options});
  }
  if (!plan.swarm || all.empty()) return all;
  bool any = false;
  std::size_t drawn = all.size();
  if (plan.core_time > Duration{0}) all[--drawn].acts = false;  // comes last, and in every run
  for (std::size_t i = 0; i < drawn; ++i) {
    const Nemesis& nemesis = plan.test.nemeses[i];
    // A stream of its own, so that one more nemesis in the catalogue changes no other.
    Rng rng(seed, Stream::of("swarm " + nemesis.name));
    constexpr std::array<std::int64_t, 4> quarters = {1, 2, 4, 8};
    all[i].acts = rng.chance({1, 3});
    all[i].interval = plan.interval * quarters[rng.below(quarters.size())] / 4;
    all[i].options = narrowed(nemesis.options, plan.nemesis_options[i], rng);
    any = any || all[i].acts;
  }
  if (!any && drawn > 0) {
    Rng rng(seed, Stream::of("swarm"));
    all[rng.below(drawn)].acts = true;
  }
  return all;
}

}  // namespace sunder
