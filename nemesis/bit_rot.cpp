// Bit rot: what a disk has stored is no longer what was written. Who reads without a checksum
// believes it.

#include "nemesis/policy/disk_damage.h"

namespace sunder {

void add_bit_rot(Registry<Nemesis>& registry) {
  registry.add(disk_damage_nemesis({
      .name = "bit-rot",
      .summary = "flips bits of what nodes have stored, which they read when they start again; "
                 "mends what nobody has written over",
      .begin = "rot",
      .options = {{"bits", OptionSpec::Kind::integer, "1", "how many bits flip", {}, false, 1,
                   100'000},
                  {"path", OptionSpec::Kind::text, "*",
                   "the files that it strikes: a pattern, in which * matches / too"}},
      .act =
          [](const Options& options) {
            Map act;
            act["do"] = "rot";
            act["bits"] = options.integer("bits");
            act["path"] = options.text("path");
            return act;
          },
      .mend = "rot",
      .snapshot = {},
  }));
}

}  // namespace sunder
