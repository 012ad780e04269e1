// Power cuts: every node dies in the same moment, and comes back some time later. Nothing that only
// some of them remembered by heart is left.

#include "nemesis/policy/processes.h"

namespace sunder {

void add_power_cut(Registry<Nemesis>& registry) {
  registry.add(process_nemesis({
      .name = "power-cut",
      .summary = "kills all nodes at once, later starts them; the simulator loses unsynced writes, "
                 "the lab's kernel keeps them",
      .begin = "cut-power",
      .end = "restore-power",
      .struck = ProcessState::stopped,
      .strike = &Cluster::kill,
      .restore = &Cluster::start,
      .everyone = true,
      .in_all = false,
  }));
}

}  // namespace sunder
