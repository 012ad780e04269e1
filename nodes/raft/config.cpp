#include "nodes/raft/config.h"

#include "nodes/kv/messages.h"
#include "nodes/raft/messages.h"
#include "nodes/raft/voters.h"

namespace sunder::raft {
namespace {

using Kind = OptionSpec::Kind;

}  // namespace

std::vector<OptionSpec> raft_options() {
  return {
      {"read", Kind::choice, "read-index", "how reads are made linearizable",
       {"log", "read-index", "lease"}},
      {"election-timeout", Kind::duration, "150ms", "shortest; the longest is twice that"},
      {"heartbeat", Kind::duration, "50ms", "between a leader's signs of life"},
      {"clock-rate-bound", Kind::integer, "10",
       "percent by which two clocks' rates may differ, for lease reads"},
      {"snapshot-every", Kind::integer, "500", "log entries between snapshots"},
      {"snapshot-chunk", Kind::integer, "16384", "bytes of a snapshot in one message"},
      {"sessions", Kind::integer, "1000", "client sessions kept; the least recently used go first"},
      {"pre-vote", Kind::boolean, "true", "ask before raising the term (thesis, section 9.6)"},
      {"members", Kind::integer, "0",
       "voters at first, the others are spares; at least three, 0 means all nodes"},
      {"reconfigure", Kind::duration, "0s",
       "how often a leader moves to other voters or hands its leadership over; 0s means never"},
      {"change", Kind::choice, "joint", "how voters are exchanged: any of them, or one at a time",
       {"joint", "single"}},
      {"elastic", Kind::boolean, "false",
       "keeps the voters on disk, so that operators can exchange them; members and reconfigure "
       "imply it, and so do faults that ask for it"},
      {"client-retry", Kind::duration, "400ms", "until a client asks another server"},
  };
}

Config raft_config(const SystemConfig& wanted) {
  Config config;
  config.flaws = flaws_of(wanted);
  const Flaws& flaws = config.flaws;
  const Options& options = wanted.options;
  const std::string& read = options.text("read");
  config.read = read == "log"     ? ReadMode::log
                : read == "lease" ? ReadMode::lease
                                  : ReadMode::read_index;
  if (flaws.lease_under_clock_jump || flaws.lease_kept_over_transfer) config.read = ReadMode::lease;
  config.election_min = std::max<Duration>(options.duration("election-timeout"),
                                           std::chrono::milliseconds(1));
  config.heartbeat =
      std::max<Duration>(options.duration("heartbeat"), std::chrono::milliseconds(1));
  config.snapshot_every = std::max<std::int64_t>(options.integer("snapshot-every"), 1);
  config.snapshot_chunk =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("snapshot-chunk"), 1));
  config.sessions =
      static_cast<std::size_t>(std::max<std::int64_t>(options.integer("sessions"), 1));
  config.pre_vote = options.boolean("pre-vote");
  std::int64_t members = std::clamp<std::int64_t>(options.integer("members"), 0, voters_max);
  if (members > 0) config.members = static_cast<std::size_t>(std::max<std::int64_t>(members, 3));
  config.reconfigure = options.duration("reconfigure");
  config.single_changes =
      options.text("change") == "single" || flaws.single_change_without_noop;
  config.elastic = options.boolean("elastic");
  if (flaws.of_membership() && config.reconfigure == Duration{0}) {
    // A lease must last for longer than a successor needs to be elected.
    if (flaws.lease_kept_over_transfer) {
      config.election_min = std::max<Duration>(config.election_min, std::chrono::milliseconds(500));
    }
    bool transfers = flaws.lease_kept_over_transfer || flaws.transfer_without_election;
    bool grows = flaws.single_change_without_noop;
    if (!config.elastic) {  // else operators see to the changes
      config.reconfigure = std::chrono::milliseconds(transfers ? 20 : 100);
      if (config.members == 0 && !transfers) config.members = grows ? 4 : 3;
    }
  }
  std::int64_t bound = std::clamp<std::int64_t>(options.integer("clock-rate-bound"), 0, 100);
  config.lease = config.election_min * 100 / (100 + bound);
  if (flaws.notes_waits_for_all_votes || flaws.notes_votes_not_rechecked) config.pre_vote = false;
  return config;
}

std::vector<Instruction> raft_instructions() {
  return {{std::string(change_voters), {"elastic=true"}},
          {std::string(transfer_leadership), {"elastic=true"}}};
}

MessageCodec raft_messages() {
  return MessageCodec::of<KvRequest, KvReply, RequestVote, VoteReply, AppendEntries, AppendReply,
                          InstallSnapshot, SnapshotReply, RequestVoteNow, TimeoutNow>();
}

bool Flaws::of_membership() const {
  return single_quorum_while_joint || switch_without_joint || committed_configuration ||
         single_change_without_noop || spares_counted || removed_leader_goes_on ||
         configuration_not_in_snapshot || lease_kept_over_transfer || transfer_without_election;
}

bool is_elastic(const Config& config, std::size_t nodes) {
  return config.elastic || config.reconfigure > Duration{0} ||
         (config.members != 0 && config.members < nodes);
}

}  // namespace sunder::raft
