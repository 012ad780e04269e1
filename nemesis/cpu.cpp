// Starved processors: a node gets a share of one, and something beside it uses all of that share
// which the node leaves.

#include "nemesis/policy/link_fault.h"
#include "nemesis/policy/resources.h"

namespace sunder {
namespace {

// What was used while it was measured is the quota, to a tenth.
bool bites(const ResourceUse& use) {
  Duration window = use.after.at - use.before.at;
  std::int64_t quota = window.count() / 100 * use.after.limit;
  std::int64_t used = use.after.used - use.before.used;
  return 10 * used >= 9 * quota && 10 * used <= 11 * quota &&
         use.after.refused > use.before.refused;
}

}  // namespace

void add_cpu(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "cpu",
      .summary = "leaves nodes a small share of one processor, which others use too",
      .resource = Resource::cpu,
      .options = {percent_option("share", "10", "how much of one processor")},
      .amount = [](const Options& options) { return options.integer("share"); },
      .window = std::chrono::seconds(1),
      .bites = bites,
  }));
}

}  // namespace sunder
