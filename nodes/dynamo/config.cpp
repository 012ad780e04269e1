#include "nodes/dynamo/config.h"

#include <algorithm>

#include "nodes/register/replica/system.h"

namespace sunder::dynamo {

std::vector<OptionSpec> options() {
  using Kind = OptionSpec::Kind;
  return {
      {"n", Kind::integer, "3", "replicas of each key"},
      {"r", Kind::integer, "2", "answers that a read waits for"},
      {"w", Kind::integer, "2", "replicas that hold a write before it is acknowledged"},
      {"sloppy", Kind::boolean, "false",
       "the first n nodes that seem to be up count as replicas, and keep hints for those that do "
       "not"},
      {"timestamps",
       Kind::choice,
       "quorum",
       "what orders the writes of a key: a number above what r replicas hold, or the "
       "coordinator's clock",
       {"quorum", "coordinator"}},
      {"repair",
       Kind::choice,
       "async",
       "when a read writes back what it returns: after the answer, or before it",
       {"async", "blocking"}},
      registers::sessions_option(),
      {"phi", Kind::integer, "8", "how sure a detector must be: -log10 of its error, at most 11"},
      {"retransmit", Kind::duration, "100ms",
       "until a request is sent again to replicas that have not answered"},
      {"give-up", Kind::duration, "1500ms",
       "until clients and coordinators stop waiting for a quorum"}};
}

namespace {

Flaws flaws_from(const SystemConfig& wanted) {
  Flaws flaws;
  flaws.first_replicas_only = wanted.has("notes-first-replicas-only");
  flaws.repair_by_filtered_index = wanted.has("notes-repair-by-filtered-index");
  flaws.missing_version_wins = wanted.has("notes-missing-version-wins");
  flaws.equal_stamps = wanted.has("notes-equal-stamps-never-repaired");
  flaws.repair_after_return = wanted.has("notes-repair-after-return");
  flaws.quorum_undefined = wanted.has("notes-quorum-undefined");
  flaws.no_hint_on_error = wanted.has("notes-no-hint-on-error");
  flaws.waits_for_hung_replica = wanted.has("notes-waits-for-hung-replica");
  flaws.hint_hot_loop = wanted.has("notes-hint-hot-loop");
  flaws.hints_in_memory = wanted.has("notes-hints-in-memory");
  flaws.blind_replay = wanted.has("notes-blind-replay");
  flaws.wall_clock_stamps = wanted.has("notes-wall-clock-timestamps");
  flaws.hints_count = wanted.has("hints-count-towards-w");
  flaws.fallbacks_count = wanted.has("fallbacks-count");
  flaws.stamp_above_own_copy = wanted.has("stamp-above-own-copy");
  flaws.hint_dropped_when_sent = wanted.has("hint-dropped-when-sent");
  flaws.tree_not_updated = wanted.has("tree-not-updated");
  flaws.anti_entropy_overwrites = wanted.has("anti-entropy-overwrites");
  flaws.ack_before_sync = wanted.has("ack-before-sync");
  return flaws;
}

}  // namespace

Config config_from(const SystemConfig& wanted) {
  const Options& options = wanted.options;
  auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(options.integer(name), 1, 64));
  };
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(options.duration(name), least);
  };
  Config config;
  config.flaws = flaws_from(wanted);
  config.replicas = count("n");
  config.reads = std::min(count("r"), config.replicas);
  config.writes = std::min(count("w"), config.replicas);
  config.sloppy = options.boolean("sloppy");
  config.quorum_stamps = options.text("timestamps") == "quorum";
  config.blocking_repair = options.text("repair") == "blocking";
  config.pinned = options.text("sessions") == "pinned";
  config.phi_milli = std::clamp<std::int64_t>(options.integer("phi"), 1, 11) * 1000;
  config.retransmit = at_least("retransmit", std::chrono::milliseconds(1));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

std::string claim_of(const Config& config) {
  if (!config.quorums_meet()) return "eventual";
  return config.blocking_repair ? "linearizable" : "regular";
}

}  // namespace sunder::dynamo
