#include "nodes/lww/config.h"

namespace sunder::lww {

std::vector<OptionSpec> options() {
  return {{"timestamps", OptionSpec::Kind::choice, "hybrid",
           "what orders the writes of a key: bare wall clocks, or hybrid logical clocks",
           {"hybrid", "wall"}},
          {"sessions", OptionSpec::Kind::choice, "pinned",
           "whether a session asks always its own replica, or any for each operation",
           {"pinned", "moving"}},
          {"gossip-interval", OptionSpec::Kind::duration, "100ms",
           "between a replica's digests, each to one other"}};
}

std::vector<Flaw> flaws() {
  return {
      {"notes-clock-not-advanced",
       "the notes' listing of last-writer-wins: the caller's clock is taken as it is, never above "
       "what was seen, so that a session's own later write may be ignored; implies hybrid "
       "timestamps, which are there to prevent that",
       {"clock"},
       "multi-register", "read-your-writes-violation", "LWW"},
      {"notes-equal-stamps",
       "the notes' listing of last-writer-wins: milliseconds and the node are the whole timestamp, "
       "so that two writes may share one and replicas keep whichever came first (Cassandra "
       "compares the values then)",
       {"none"},
       "multi-register", "read-your-writes-violation", "LWW"},
      {"notes-zero-rejected",
       "the notes' listing of last-writer-wins: clocks count from the node's first write, and a "
       "timestamp of 0 is not newer than none at all",
       {"none"},
       "multi-register", "read-your-writes-violation", "LWW"},
      {"ack-before-sync",
       "writes are synced once a second, after they were acknowledged (Redis's default appendfsync "
       "everysec)",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"received-overwrites",
       "what another replica sends replaces what is there, without a look at its timestamp",
       {"none", "pause"},
       "multi-register", "read-your-writes-violation"},
      {"clock-lost-on-restart",
       "recovery reads the registers but does not advance the hybrid clock to what they say; "
       "implies hybrid timestamps",
       {"kill", "clock"},
       "multi-register", "broken-invariant"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  config.flaws.clock_not_advanced = wanted.has("notes-clock-not-advanced");
  config.flaws.equal_stamps = wanted.has("notes-equal-stamps");
  config.flaws.zero_rejected = wanted.has("notes-zero-rejected");
  config.flaws.ack_before_sync = wanted.has("ack-before-sync");
  config.flaws.received_overwrites = wanted.has("received-overwrites");
  config.flaws.clock_lost_on_restart = wanted.has("clock-lost-on-restart");
  config.hybrid = wanted.options.text("timestamps") == "hybrid" ||
                  config.flaws.clock_not_advanced || config.flaws.clock_lost_on_restart;
  config.pinned = wanted.options.text("sessions") == "pinned";
  config.interval = std::max<Duration>(wanted.options.duration("gossip-interval"),
                                       std::chrono::milliseconds(1));
  return config;
}

}  // namespace sunder::lww
