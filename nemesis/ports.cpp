// No more local ports: a node cannot connect to anyone; connections that it has stay.

#include "nemesis/policy/resources.h"

namespace sunder {

void add_ports(Registry<Nemesis>& registry) {
  registry.add(resource_nemesis({
      .name = "ports",
      .summary = "leaves nodes no local port, so that they can make no new connection",
      .resource = Resource::ports,
      .amount = [](const Options&) { return std::int64_t{0}; },
      .bites = [](const ResourceUse& use) { return !use.after.refusal.empty(); },
  }));
}

}  // namespace sunder
