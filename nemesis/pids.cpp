// No more processes: a node can start neither a process nor a thread.

#include "nemesis/policy/resources.h"

namespace sunder {

void add_pids(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "pids",
      .summary = "lets nodes start no more processes or threads",
      .resource = Resource::pids,
      .options = {{"spare", OptionSpec::Kind::integer, "0", "how many more there still may be"}},
      .amount = [](const Options& options) { return options.integer("spare"); },
      .bites = [](const ResourceUse& use) { return !use.after.refusal.empty(); },
  }));
}

}  // namespace sunder
