// A disk that goes back in time, as that of a machine does which returns to a snapshot. A voter has
// then forgotten its vote, which few protocols withstand; nothing can take it back.

#include "nemesis/policy/disk_damage.h"

namespace sunder {
namespace {

constexpr const char* name = "restore";

}  // namespace

void add_restore(Registry<Nemesis>& registry) {
  registry.add(disk_damage_nemesis({
      .name = name,
      .summary = "kills nodes and starts them with what their disks held some time before; only "
                 "for systems that promise to survive it",
      .begin = "restore",
      .options = {},
      .act =
          [](const Options&) {
            Map act;
            act["do"] = "restore";
            act["name"] = name;
            return act;
          },
      .mend = {},
      .snapshot = name,
  }));
}

}  // namespace sunder
