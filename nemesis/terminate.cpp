// Orderly ends: SIGTERM, and a start some time later. The process may still do what it does last.

#include "nemesis/policy/processes.h"

namespace sunder {

void add_terminate(Registry<Nemesis>& registry) {
  registry.add(process_nemesis({
      .name = "terminate",
      .summary = "asks node processes to end (SIGTERM), later starts them again",
      .begin = "terminate",
      .end = "start",
      .struck = ProcessState::stopped,
      .strike = &Cluster::terminate,
      .restore = &Cluster::start,
      .by_itself = true,
      .in_all = false,
      .attempts = 100,  // ten seconds: stores write out what they hold
  }));
}

}  // namespace sunder
