#include "nodes/sequencer/config.h"

namespace sunder::sequencer {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {{"sessions", Kind::choice, "pinned",
           "sessions ask always their own replica, or any and carry an index that it waits for",
           {"pinned", "carried"}},
          {"heartbeat", Kind::duration, "50ms", "between a sequencer's signs of life"},
          {"election-timeout", Kind::duration, "200ms",
           "shortest silence before another node opens an epoch; the longest is twice that"},
          {"give-up", Kind::duration, "1500ms", "until a write without delivery is given up"}};
}

std::vector<Flaw> flaws() {
  return {
      {"ack-before-delivery",
       "a write is acknowledged once the sequencer has it, before the client's own replica "
       "delivers it, so that a session misses its own write",
       {"none"},
       "multi-register", "sequential-violation"},
      {"session-moves",
       "sessions ask any replica and carry no index (ZooKeeper's clients keep the last zxid for "
       "this reason)",
       {"none", "partition"},
       "multi-register", "sequential-violation"},
      {"failover-without-majority",
       "a node that hears nothing of the sequencer becomes one, with whoever answers, as a "
       "heartbeat pair does (split brain)",
       {"partition"},
       "multi-register", "sequential-violation"},
      {"promise-not-persisted",
       "the epoch that a node has promised lives in memory only",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"commit-not-persisted",
       "how far a replica has delivered lives in memory only, so that after a restart it shows an "
       "older state until the sequencer tells it",
       {"kill"},
       "multi-register", "sequential-violation"},
      {"no-sync",
       "nothing is synced before it is told (Redis's default appendfsync everysec)",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"notes-queue-per-node",
       "the notes' listing of sequential consistency: each node has a queue of its own and applies "
       "its own writes at once, so that there is no common order",
       {"none"},
       "multi-register", "sequential-violation", "Sequential"},
      {"notes-rejected-may-apply",
       "the notes' listing of sequential consistency: an operation that was given up is reported "
       "as rejected, though it may have been, or will be, applied",
       {"partition", "kill"},
       "multi-register", "aborted-read", "Sequential"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.ack_before_delivery = wanted.has("ack-before-delivery");
  flaws.session_moves = wanted.has("session-moves");
  flaws.failover_without_majority = wanted.has("failover-without-majority");
  flaws.promise_not_persisted = wanted.has("promise-not-persisted");
  flaws.commit_not_persisted = wanted.has("commit-not-persisted");
  flaws.no_sync = wanted.has("no-sync");
  flaws.queue_per_node = wanted.has("notes-queue-per-node");
  flaws.rejected_may_apply = wanted.has("notes-rejected-may-apply");
  config.carried = wanted.options.text("sessions") == "carried";
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(wanted.options.duration(name), least);
  };
  config.heartbeat = at_least("heartbeat", std::chrono::milliseconds(1));
  config.election_min = at_least("election-timeout", std::chrono::milliseconds(2));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

}  // namespace sunder::sequencer
