// Disks that take their time, up to the end of the fault.

#include "nemesis/policy/disk_rules.h"

namespace sunder {
namespace {

Map rule(const Options& options, Rng&) {
  Map map;
  map["operations"] = List{"write", "fsync"};
  if (options.boolean("hang")) {
    map["hang"] = true;
  } else {
    map["delay_ms"] = nanoseconds(options.duration("latency")) / 1'000'000;
  }
  return map;
}

}  // namespace

void add_disk_slow(Registry<Nemesis>& registry) {
  registry.add(disk_nemesis({
      .name = "disk-slow",
      .summary = "disks take long for each write and sync, or do not answer until the fault ends",
      .options = {{"latency", OptionSpec::Kind::duration, "200ms", "for each write and sync"},
                  {"hang", OptionSpec::Kind::boolean, "false",
                   "not at all until the fault ends"}},
      .rule = rule,
  }));
}

}  // namespace sunder
