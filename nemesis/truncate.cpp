// Files that lose their end, as after a check of the file system that found fault with it.

#include "nemesis/policy/disk_damage.h"

namespace sunder {

void add_truncate(Registry<Nemesis>& registry) {
  registry.add(disk_damage_nemesis({
      .name = "truncate",
      .summary = "cuts the end off a file of what nodes have stored, which they read when they "
                 "start again; mends it when nobody has written to it",
      .begin = "truncate",
      .options = {{"bytes", OptionSpec::Kind::integer, "4096", "how many are cut off at most", {},
                   false, 1, std::int64_t{1} << 40},
                  {"path", OptionSpec::Kind::text, "*",
                   "the files of which it strikes one: a pattern, in which * matches / too"}},
      .act =
          [](const Options& options) {
            Map act;
            act["do"] = "cut-short";
            act["bytes"] = options.integer("bytes");
            act["path"] = options.text("path");
            return act;
          },
      .mend = "cut-short",
      .snapshot = {},
  }));
}

}  // namespace sunder
