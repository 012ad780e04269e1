// A generator of ids that is asked all the time: does it ever give one twice?

#include "workloads/parts/keys.h"

namespace sunder {

void add_unique_ids(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "unique-ids",
      .summary = "asks for ids that nobody else gets",
      .datatype = "unique-ids",
      .verbs = {"generate"},
      .observes = {"generate"},
      .load = [](const WorkloadConfig&) { return gen::clients(gen::repeat(gen::op("generate"))); },
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"unique-ids unique-ids", {}}};
          },
  });
}

}  // namespace sunder
