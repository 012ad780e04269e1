// Reads that return what a disk held some time before, while it goes on taking writes: a cache or a
// drive that has lost a write without a word.

#include "nemesis/policy/disk_rules.h"

namespace sunder {

void add_stale_read(Registry<Nemesis>& registry) {
  registry.add(disk_nemesis({
      .name = "stale-read",
      .summary = "disks show nodes that start again what they held some time before, in files of "
                 "today's size; only for systems that promise to survive it",
      .options = {},
      .rule =
          [](const Options&, Rng&) {
            Map map;
            map["operations"] = List{"read"};
            map["stale"] = true;
            return map;
          },
      .rereads = true,
  }));
}

}  // namespace sunder
