// Disks that fail what they are asked for: errors of every write or sync, of one sync that then
// claims to have worked (fsyncgate), and writes that are cut short.

#include "nemesis/policy/disk_rules.h"

namespace sunder {
namespace {

const std::vector<std::string> errors = {"EIO", "ENOSPC", "EDQUOT", "fsync-once", "short-write"};

Map rule(const Options& options, Rng& rng) {
  std::string error = options.text("error");
  if (error == "mix") error = errors[rng.below(errors.size())];
  Map map;
  if (error == "short-write") {
    map["operations"] = List{"write"};
    map["short_write"] = true;
  } else if (error == "fsync-once") {
    map["operations"] = List{"fsync"};
    map["error"] = "EIO";
    map["times"] = 1;
    map["lose"] = true;
  } else {
    map["operations"] = error == "EIO" ? List{"write", "fsync"} : List{"write", "create", "mkdir"};
    map["error"] = error;
  }
  return map;
}

}  // namespace

void add_disk_error(Registry<Nemesis>& registry) {
  std::vector<std::string> choices = {"mix"};
  choices.insert(choices.end(), errors.begin(), errors.end());
  registry.add(disk_nemesis({
      .name = "disk-error",
      .summary = "disks fail writes and syncs, are full, or write less than they were asked to",
      .options = {{"error", OptionSpec::Kind::choice, "mix",
                   "an errno of all writes; of one sync, after which what it should have made "
                   "durable is gone; or writes of half the bytes",
                   choices}},
      .rule = rule,
  }));
}

}  // namespace sunder
