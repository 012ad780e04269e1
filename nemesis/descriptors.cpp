// No more file descriptors: a node can open no file, and take no connection.

#include "nemesis/policy/resources.h"

namespace sunder {

void add_descriptors(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "descriptors",
      .summary = "lets nodes open no more files and take no more connections (RLIMIT_NOFILE)",
      .resource = Resource::descriptors,
      .amount = [](const Options&) { return std::int64_t{0}; },
      .bites =
          [](const ResourceUse& use) {
            return use.after.used >= use.after.limit && use.after.refused > 0;
          },
  }));
}

}  // namespace sunder
