#include "nodes/primary_backup/config.h"

namespace sunder::primary_backup {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {{"replication", Kind::choice, "sync",
           "whether a write is acknowledged after the backup has it, or before",
           {"sync", "async"}},
          {"ping", Kind::duration, "50ms", "between a server's signs of life"},
          {"dead-after", Kind::duration, "300ms",
           "silence after which the view service takes a server for dead"},
          {"give-up", Kind::duration, "1500ms", "until a request without the backup is given up"}};
}

std::vector<Flaw> flaws() {
  return {
      {"no-fencing",
       "a server takes what any primary forwards, whatever its view, so that a deposed primary "
       "goes on acknowledging (fail-over scripts that do not fence the old primary)",
       {"partition", "pause"},
       "multi-register", "nonlinearizable"},
      {"reads-not-confirmed",
       "a primary answers reads without asking whether it still is one",
       {"partition", "pause"},
       "multi-register", "nonlinearizable"},
      {"view-changes-unacknowledged",
       "the view service replaces a primary that has not acknowledged its view, so that a backup "
       "without the state is promoted",
       {"kill", "partition"},
       "multi-register", "nonlinearizable"},
      {"degrades-to-async",
       "a write that the backup does not confirm in time is acknowledged all the same (MySQL's "
       "semisynchronous replication after rpl_semi_sync_master_timeout)",
       {"partition", "kill", "pause"},
       "multi-register", "nonlinearizable"},
      {"no-sync",
       "nothing is synced before it is told (Redis's default appendfsync everysec)",
       {"kill"},
       "multi-register", "nonlinearizable"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  config.flaws.no_fencing = wanted.has("no-fencing");
  config.flaws.reads_not_confirmed = wanted.has("reads-not-confirmed");
  config.flaws.view_changes_unacknowledged = wanted.has("view-changes-unacknowledged");
  config.flaws.degrades_to_async = wanted.has("degrades-to-async");
  config.flaws.no_sync = wanted.has("no-sync");
  config.async = wanted.options.text("replication") == "async";
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(wanted.options.duration(name), least);
  };
  config.ping = at_least("ping", std::chrono::milliseconds(1));
  config.dead_after = at_least("dead-after", std::chrono::milliseconds(2));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

}  // namespace sunder::primary_backup
