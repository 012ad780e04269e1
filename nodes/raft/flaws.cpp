// The flaws of Raft, by name.

#include "harness/api/flaw_switches.h"
#include "nodes/raft/config.h"

namespace sunder::raft {
namespace {

std::vector<FlawSwitch<Flaws>> switches() {
  return {
      {&Flaws::stale_local_read,
       {"stale-local-read",
        "any node answers reads from its own state (etcd before 0.5 by default; Jepsen 2014)",
        {"partition", "pause"}}},
      {&Flaws::leader_read_without_quorum,
       {"leader-read-without-quorum",
        "a leader never asks whether it still is one, and answers reads (Consul's default reads; "
        "Jepsen 2014)",
        {"partition", "pause"}}},
      {&Flaws::read_before_first_commit,
       {"read-before-first-commit",
        "a new leader answers reads before it has committed an entry of its term, so that its "
        "commit index may lag behind what was acknowledged (etcd issue 7331)",
        {"kill", "partition"}}},
      {&Flaws::lease_under_clock_jump,
       {"lease-under-clock-jump",
        "reads by a lease that is measured on the wall clock; implies lease reads (the dependence "
        "on bounded clocks that etcd documents for ReadOnlyLeaseBased)",
        {"clock", "partition"}}},
      {&Flaws::vote_not_persisted,
       {"vote-not-persisted",
        "term and vote live in memory only (mgodave/barge, issue 5)",
        {"kill"}}},
      {&Flaws::double_vote_after_restart,
       {"double-vote-after-restart",
        "recovery restores the term through the same path that enters a new one, which clears the "
        "vote (akka-raft issue 56, found by DEMi; hashicorp/raft issue 661)",
        {"kill"}}},
      {&Flaws::commit_old_term_by_counting,
       {"commit-old-term-by-counting",
        "replicas are counted for entries of any term, so no no-op seems needed (Raft paper, "
        "figure 8; LogCabin issue 44, PySyncObj issue 169)",
        {"kill", "partition"}}},
      {&Flaws::ack_before_replicated,
       {"ack-before-replicated",
        "writes are acknowledged once the leader has them (MongoDB's default write concern until "
        "5.0)",
        {"kill", "partition"}}},
      {&Flaws::truncate_on_stale_append,
       {"truncate-on-stale-append",
        "an AppendEntries drops whatever follows its entries, conflict or not, so that a delayed "
        "one removes acknowledged entries (hashicorp/raft until pull request 113)",
        {"partition", "pause"}}},
      {&Flaws::lost_session_table_on_snapshot,
       {"lost-session-table-on-snapshot",
        "snapshots keep the sessions but not what they have done, so that retries run twice "
        "(Apache Ratis keeps its retry cache in memory only)",
        {"kill", "pause"}}},
      {&Flaws::snapshot_off_by_one,
       {"snapshot-off-by-one",
        "a snapshot is labelled with one index more than it holds (RedisRaft lost updates through "
        "its snapshots; Jepsen 2020)",
        {"kill", "pause"}}},
      {&Flaws::retry_applied_twice,
       {"retry-applied-twice",
        "a retried command is carried out again (jetcd; Jepsen 2024)",
        {"partition", "pause"}}},
      {&Flaws::no_sync,
       {"no-sync",
        "nothing is synced before it is promised (Elasticsearch's translog was synced every five "
        "seconds; Jepsen 2015)",
        {"kill"}}},
      {&Flaws::single_quorum_while_joint,
       {"single-quorum-while-joint",
        "while the configuration is joint, a majority of the new voters decides alone (Zeebe left "
        "a side of a joint configuration out when it had no connection to it; camunda issue "
        "57387); implies reconfigure",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::switch_without_joint,
       {"switch-without-joint",
        "leaders go from the old voters to the new ones at once, so that two majorities need not "
        "meet (section 6, figure 10); implies reconfigure",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::committed_configuration,
       {"committed-configuration",
        "a server decides by the last configuration that it knows committed, not by the latest in "
        "its log (Zeebe after a restart, camunda issue 57386; what etcd issue 7625 calls unsound); "
        "implies reconfigure",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::single_change_without_noop,
       {"single-change-without-noop",
        "a leader exchanges one server before it has committed an entry of its term (Ongaro, bug "
        "in single-server membership changes, raft-dev 2015; copycat issue 23); implies "
        "reconfigure and change=single",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::spares_counted,
       {"spares-counted",
        "votes and copies of servers that are no voters make up a majority of those that are "
        "(NuRaft counted servers that were leaving, until pull request 92); implies reconfigure",
        {"kill", "partition"}, "register", "nonlinearizable"}},
      {&Flaws::removed_leader_goes_on,
       {"removed-leader-goes-on",
        "a leader that is not among the new voters counts itself as one, and does not step down; "
        "implies reconfigure",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::configuration_not_in_snapshot,
       {"configuration-not-in-snapshot",
        "snapshots hold no configuration, so that whoever starts from one believes in the first "
        "voters (SwarmKit until pull request 238); implies reconfigure",
        {"kill"}, "register", "broken-invariant"}},
      {&Flaws::lease_kept_over_transfer,
       {"lease-kept-over-transfer",
        "a leader that has bidden another stand for election goes on answering reads by its lease "
        "(raft-rs issue 234, OpenRaft until pull request 1748); implies lease reads and "
        "reconfigure",
        {"partition", "pause"}, "register", "nonlinearizable"}},
      {&Flaws::transfer_without_election,
       {"transfer-without-election",
        "the target of a transfer takes the next term without asking for votes (Redis Cluster's "
        "CLUSTER FAILOVER TAKEOVER); implies reconfigure",
        {"kill", "partition"}, "register", "broken-invariant"}},
      {&Flaws::notes_votes_not_rechecked,
       {"notes-votes-not-rechecked",
        "the notes' listing of Raft's election: nobody looks at term and state again when votes "
        "arrive, so that a node leads a term in which it never stood; "
        "implies pre-vote=false",
        {"kill", "partition", "pause"}, "register", "broken-invariant", "Raft election"}},
      {&Flaws::notes_nothing_persisted,
       {"notes-nothing-persisted",
        "the notes' listing of Raft's election: term, vote and log live in memory",
        {"kill"}, "register", "broken-invariant", "Raft election"}},
      {&Flaws::notes_waits_for_all_votes,
       {"notes-waits-for-all-votes",
        "the notes' listing of Raft's election: a candidate waits until every server has answered, "
        "and neither it nor one that has lost ever stands again; implies pre-vote=false",
        {"kill", "partition"}, "register", "no-progress", "Raft election"}},
      {&Flaws::notes_length_at_reply_time,
       {"notes-length-at-reply-time",
        "the notes' listing of Raft's log: a success counts for all that the leader's log holds by "
        "then, not for what was sent",
        {"kill", "partition"}, "register", "broken-invariant", "Raft log"}},
      {&Flaws::notes_reply_term_ignored,
       {"notes-reply-term-ignored",
        "the notes' listing of Raft's log: the term of an answer is not looked at, so that a "
        "deposed leader stays one, and counts refusals as signs that it is",
        {"partition", "pause"}, "register", "nonlinearizable", "Raft log"}},
      {&Flaws::notes_first_entry_skipped,
       {"notes-first-entry-skipped",
        "the notes' listing of Raft's log: indexes begin at 0, and so does the index of what was "
        "applied, so that the first entry after a start is taken for applied",
        {"kill"}, "register", "broken-invariant", "Raft log"}},
      {&Flaws::notes_success_uncommitted,
       {"notes-success-uncommitted",
        "the notes' listing of Raft's log: what a majority does not hold in time is reported as a "
        "success all the same",
        {"kill", "partition"}, "register", "nonlinearizable", "Raft log"}},
      {&Flaws::notes_no_deduplication,
       {"notes-no-deduplication",
        "the notes' listing of Raft's log: there are no sessions, so that an append that is sent "
        "again is applied again",
        {"partition", "pause"}, "register", "broken-invariant", "Raft log"}},
      {&Flaws::notes_empty_append_commits,
       {"notes-empty-append-commits",
        "the notes' listing of Raft's log: an append of nothing commits whatever a majority holds, "
        "of whatever term (figure 8)",
        {"kill", "partition"}, "register", "broken-invariant", "Raft log"}},
  };
}

}  // namespace

std::vector<Flaw> raft_flaws() { return flaws_in(switches()); }

Flaws flaws_of(const SystemConfig& config) { return switched_on(switches(), config); }

}  // namespace sunder::raft
