// Slow disks: what a node writes through to its disk goes at a snail's pace.

#include "nemesis/policy/resources.h"

namespace sunder {
namespace {

// Synced writes came to no more than the limit, and to far more before.
bool bites(const ResourceUse& use) {
  return use.before.used >= 2 * use.after.limit && 10 * use.after.used <= 11 * use.after.limit;
}

}  // namespace

void add_slow_disk(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "slow-disk",
      .summary = "slows down what nodes write to their disk",
      .resource = Resource::disk,
      .options = {{"bytes", OptionSpec::Kind::integer, "65536", "that may be written a second"}},
      .amount = [](const Options& options) { return options.integer("bytes"); },
      .window = std::chrono::seconds(1),
      .bites = bites,
      .compares = true,
  }));
}

}  // namespace sunder
