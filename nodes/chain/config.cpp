#include "nodes/chain/config.h"

namespace sunder::chain {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {
      {"lease", Kind::duration, "400ms", "how long a replica serves without asking again"},
      {"beat", Kind::duration, "50ms",
       "between signs of life, to neighbours in the chain and to the configuration service"},
      {"dead-after", Kind::duration, "500ms", "silence after which a member is removed"},
      {"stall-after", Kind::duration, "500ms",
       "without an answer, after which a member has its successor removed"},
      {"clock-rate-bound", Kind::integer, "10",
       "percent by which two clocks' rates may differ, for the wait between epochs"},
      {"snapshot-every", Kind::integer, "500", "writes between snapshots"},
      {"sessions", Kind::integer, "1000", "client sessions kept; the least recently used go first"},
      {"client-retry", Kind::duration, "400ms", "until a client asks another server"},
  };
}

std::vector<Flaw> flaws() {
  return {};
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  flaws.no_leases = wanted.has("no-leases");
  flaws.epoch_starts_at_once = wanted.has("epoch-starts-at-once");
  flaws.grants_without_quorum = wanted.has("grants-without-quorum");
  flaws.lease_from_receipt = wanted.has("lease-from-receipt");
  flaws.lease_on_wall_clock = wanted.has("lease-on-wall-clock");
  flaws.no_epoch_check = wanted.has("no-epoch-check");
  flaws.read_dirty = wanted.has("read-dirty");
  flaws.version_query_skipped = wanted.has("version-query-skipped");
  flaws.ack_from_head = wanted.has("ack-from-head");
  flaws.join_before_transfer = wanted.has("join-before-transfer");
  flaws.unsynced_may_lead = wanted.has("unsynced-may-lead");
  flaws.no_sync = wanted.has("no-sync");
  flaws.retry_applied_twice = wanted.has("retry-applied-twice");

  const Options& options = wanted.options;
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(options.duration(name), least);
  };
  config.beat = at_least("beat", std::chrono::milliseconds(1));
  config.lease = at_least("lease", std::chrono::milliseconds(1));
  std::int64_t bound = std::clamp<std::int64_t>(options.integer("clock-rate-bound"), 0, 100);
  config.lease_wait = config.lease * (100 + bound) / 100;
  config.dead_after = at_least("dead-after", std::chrono::milliseconds(2));
  config.stall_after = at_least("stall-after", std::chrono::milliseconds(2));
  config.give_up = at_least("client-retry", std::chrono::milliseconds(2));
  config.snapshot_every = std::max<std::int64_t>(options.integer("snapshot-every"), 1);
  config.sessions =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("sessions"), 1));
  return config;
}

}  // namespace sunder::chain
