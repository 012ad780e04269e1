// Crashes: kill -9, and a start some time later.

#include "nemesis/policy/processes.h"

namespace sunder {

void add_kill(Registry<Nemesis>& registry) {
  registry.add(process_nemesis({
      .name = "kill",
      .summary = "kills node processes (kill -9), later starts them again",
      .begin = "kill",
      .end = "start",
      .struck = ProcessState::stopped,
      .strike = &Cluster::kill,
      .restore = &Cluster::start,
  }));
}

}  // namespace sunder
