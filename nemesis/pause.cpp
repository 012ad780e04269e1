// Stalls: SIGSTOP, and SIGCONT some time later; or the kernel's freezer, which no process can see
// or refuse. The node does not learn that time has passed.

#include "nemesis/policy/processes.h"

namespace sunder {

void add_pause(Registry<Nemesis>& registry) {
  registry.add(process_nemesis({
      .name = "pause",
      .summary = "stops node processes in their tracks (SIGSTOP, or the freezer), later lets them "
                 "go on",
      .begin = "pause",
      .end = "resume",
      .struck = ProcessState::paused,
      .strike = &Cluster::pause,
      .restore = &Cluster::resume,
      .freeze = &Cluster::freeze,
  }));
}

}  // namespace sunder
