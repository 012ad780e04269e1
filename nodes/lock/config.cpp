#include "nodes/lock/config.h"

#include "harness/api/flaw_switches.h"

namespace sunder::lock {
namespace {

using Kind = OptionSpec::Kind;

std::vector<FlawSwitch<Flaws>> switches() {
  return {
      {&Flaws::tokens_counted_by_leader,
       {"tokens-counted-by-leader",
        "each leader counts tokens in its memory, so that they begin anew after a fail-over (a "
        "counter on one node, of which Kleppmann warns, 2016)",
        {"kill", "partition"}, "fenced-lock", "duplicate-token"}},
      {&Flaws::granted_before_replicated,
       {"granted-before-replicated",
        "a lock is granted once the leader has it, so that each side of a partition may grant it "
        "(Hazelcast 3.8.3; Jepsen 2017)",
        {"kill", "partition"}, "fenced-lock", "duplicate-token"}},
      {&Flaws::lease_by_wall_clock,
       {"lease-by-wall-clock",
        "servers measure leases on the wall clock, as Redis does under Redlock (Kleppmann 2016), "
        "so that a jump ends them early",
        {"clock"}, "lease", "overlapping-leases"}},
      {&Flaws::fail_over_ends_leases,
       {"fail-over-ends-leases",
        "a new leader takes leases whose begin it has not seen for finished, where Chubby waits "
        "(OSDI 2006, section 2.9) and etcd prolongs them",
        {"kill", "partition"}, "lease", "overlapping-leases"}},
      {&Flaws::released_by_anyone,
       {"released-by-anyone",
        "a release frees the lock whoever holds it by now (DEL instead of a comparison first, of "
        "which the documentation of Redis' SET warns)",
        {}, "lease", "overlapping-leases", {}, {"renew-every=3500ms", "renewals=1"}}},
      {&Flaws::renewal_after_expiry,
       {"renewal-after-expiry",
        "a renewal revives a lease that was over, though another client may hold it by now",
        {"partition"}, "lease", "overlapping-leases", {}, {"renew-every=3500ms", "renewals=1"}}},
      {&Flaws::lease_not_checked_by_client,
       {"lease-not-checked-by-client",
        "a client believes that it holds a lock although the answer took longer than the lease "
        "(etcd 3.4.3, issue 11456; Jepsen 2020)",
        {"kill", "pause"}, "lock", "nonlinearizable", {}, {"lease=1s", "client-retry=2s"}}},
      {&Flaws::resource_ignores_tokens,
       {"resource-ignores-tokens",
        "the resource accepts writes under any token (HBase's region servers once did; Kleppmann "
        "2016)",
        {}, "fenced-lock", "stale-token"}},
  };
}

}  // namespace

std::vector<OptionSpec> lock_options() {
  std::vector<OptionSpec> options = raft::raft_options();
  options.push_back({"lease", Kind::duration, "3s", "for how long a lock is granted"});
  options.push_back({"claim", Kind::choice, "exclusion",
                     "what is claimed: exclusion holds for clients that use a lock for no longer "
                     "than its lease, fencing always",
                     {"exclusion", "fencing"}});
  return options;
}

std::vector<Flaw> lock_flaws() { return flaws_in(switches()); }

Config lock_config(const SystemConfig& wanted) {
  Config config{.raft = raft::raft_config(wanted), .datatype = wanted.datatype};
  config.flaws = switched_on(switches(), wanted);
  config.raft.leases = {.anyone_releases = config.flaws.released_by_anyone,
                        .renewal_revives = config.flaws.renewal_after_expiry,
                        .leader_counts_tokens = config.flaws.tokens_counted_by_leader,
                        .resource_takes_any_token = config.flaws.resource_ignores_tokens};
  const Options& options = wanted.options;
  config.lease =
      std::max<Duration>(options.duration("lease"), std::chrono::milliseconds(100));
  std::int64_t bound = std::clamp<std::int64_t>(options.integer("clock-rate-bound"), 0, 100);
  config.told = config.lease * 100 / (100 + bound);
  config.patience = config.told / 3;
  config.retry_after = options.duration("client-retry");
  return config;
}

}  // namespace sunder::lock
