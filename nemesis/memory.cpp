// Memory that runs out: the kernel ends the node (OOM), as if it were killed, and it starts again
// when there is enough.

#include "nemesis/policy/resources.h"

namespace sunder {

void add_memory(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "memory",
      .summary = "lets memory run out, so that the kernel kills nodes (OOM); later starts them",
      .resource = Resource::memory,
      .options = {{"spare", OptionSpec::Kind::integer, "4",
                   "megabytes above what a node uses that there still are"}},
      .amount = [](const Options& options) { return options.integer("spare") << 20; },
      .window = std::chrono::seconds(1),
      .bites = [](const ResourceUse& use) { return use.after.refused > 0; },
      .ends_processes = true,
  }));
}

}  // namespace sunder
