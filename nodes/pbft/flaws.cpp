#include "nodes/pbft/config.h"

namespace sunder::pbft {
namespace {

// Those that need a liar say so in `set`; without one they show nothing, or later.
std::vector<FlawSwitch<Flaws>> flaws_of_the_notes() {
  return {
      {&Flaws::votes_without_sender,
       {"notes-votes-without-sender",
        "PREPARE and COMMIT carry no node id, so that the set of those who sent one never has more "
        "than one member, and nothing is ever executed",
        {"none"}, "set", "no-progress", "PBFT"}},
      {&Flaws::votes_of_any_digest,
       {"notes-votes-of-any-digest",
        "PREPAREs and COMMITs are counted whatever view and digest they are for, so that an "
        "equivocating primary is helped by votes against it",
        {"none", "partition"}, "register", "broken-invariant", "PBFT",
        {"liars=1", "lie=equivocate", "faulty=first"}}},
      {&Flaws::primary_must_prepare,
       {"notes-primary-must-prepare",
        "a quorum of PREPAREs is needed besides the primary, which sends none: f silent replicas "
        "stop everything",
        {"none"}, "set", "no-progress", "PBFT", {"liars=1", "lie=silence"}}},
      {&Flaws::pre_prepare_overwrites,
       {"notes-pre-prepare-overwrites",
        "a second PRE-PREPARE, whoever sent it, takes the place of the first, so that what is "
        "executed is not what was voted for",
        {"none", "partition"}, "register", "broken-invariant", "PBFT",
        {"liars=1", "lie=equivocate", "faulty=first"}}},
      {&Flaws::executes_per_commit,
       {"notes-executes-per-commit",
        "every COMMIT after the quorum's executes the request once more, and nothing waits for the "
        "number before it",
        {"none"}, "register", "broken-invariant", "PBFT"}},
      {&Flaws::primary_forgets_own,
       {"notes-primary-forgets-own",
        "a primary never stores its own message, finds nothing to execute, and dies of it: one "
        "primary after the other",
        {"none"}, "set", "no-progress", "PBFT"}},
      {&Flaws::no_view_change,
       {"notes-no-view-change",
        "there is no view change: a silent primary is silence for ever",
        {"none"}, "set", "no-progress", "PBFT",
        {"liars=1", "lie=silence", "faulty=first"}}},
      {&Flaws::no_checkpoint,
       {"notes-no-checkpoint",
        "there are no checkpoints, so that the log is full one day",
        {"none"}, "set", "no-progress", "PBFT"}},
      {&Flaws::first_reply_believed,
       {"notes-first-reply-believed",
        "clients believe the first reply: a lying replica's, when it is quick",
        {"none"}, "register", "nonlinearizable", "PBFT", {"liars=1", "lie=wrong-reply"}}},
      {&Flaws::no_deduplication,
       {"notes-no-deduplication",
        "requests are not told apart by their client's timestamps, so that a retry is executed "
        "again",
        {"partition", "pause"}, "register", "broken-invariant", "PBFT"}},
      {&Flaws::quorum_of_three_f,
       {"notes-two-f-plus-one",
        "2f + 1 is a quorum, whatever n is: of 5 replicas two such quorums may share only the liar",
        {"none", "partition"}, "register", "broken-invariant", "PBFT",
        {"liars=1", "lie=equivocate", "faulty=first"}}},
  };
}

std::vector<FlawSwitch<Flaws>> flaws_of_others() {
  return {
      {&Flaws::authenticators_unchecked,
       {"authenticators-unchecked",
        "nobody looks at authenticators, so that one liar votes for everybody (as nodes do whose "
        "traffic between peers is not authenticated: Apache Cassandra's internode default)",
        {"none"}, "register", "broken-invariant", "",
        {"liars=1", "lie=impersonate", "faulty=first"}}},
      {&Flaws::requests_unchecked,
       {"requests-unchecked",
        "backups take the primary's word for what clients asked (authentication of requests is "
        "where PBFT is fragile: Clement et al., NSDI 2009)",
        {"none"}, "register", "broken-invariant", "",
        {"liars=1", "lie=impersonate", "faulty=first"}}},
      {&Flaws::requests_with_macs,
       {"requests-with-macs",
        "clients prove their requests by authenticators, so that a lying client makes one that the "
        "primary believes and no backup does, and every primary in turn is given up (the MAC "
        "attack on PBFT; Clement et al., NSDI 2009)",
        {"none"}, "set", "no-progress", "", {"liars=1", "lie=mac-attack"}}},
      {&Flaws::votes_not_persisted,
       {"votes-not-persisted",
        "what was accepted and prepared lives in memory only (BFT-SMaRt without its durability "
        "layer; Bessani et al., USENIX ATC 2013)",
        {"kill"}, "register", "broken-invariant"}},
      {&Flaws::reply_when_prepared,
       {"reply-when-prepared",
        "a request is executed and answered when it is prepared, for good: the two-phase commit of "
        "views that does not survive a change of them (tentative execution of OSDI 1999, section "
        "5.1, without undoing it)",
        {"partition", "kill"}, "register", "broken-invariant"}},
      {&Flaws::read_only_with_few,
       {"read-only-with-few",
        "replicas answer reads from their own state, and f + 1 equal answers are enough (the "
        "read-only optimisation of OSDI 1999 needs 2f + 1; Berger et al., SRDS 2021)",
        {"kill", "partition"}, "register", "nonlinearizable"}},
      {&Flaws::new_view_drops_prepared,
       {"new-view-drops-prepared",
        "a new view begins after the last stable checkpoint, without what was prepared (wrong "
        "choices of what a new view keeps: Zyzzyva and FaB; Abraham et al., arXiv 1712.01367)",
        {"partition", "kill"}, "register", "broken-invariant"}},
      {&Flaws::new_view_unchecked,
       {"new-view-unchecked",
        "backups believe the new primary's choice without looking at its reasons",
        {"partition", "kill"}, "register", "broken-invariant", "",
        {"liars=1", "lie=forged-view-change"}}},
      {&Flaws::claims_without_witness,
       {"claims-without-witness",
        "what one replica says that it prepared is believed, without f + 1 that have seen it "
        "(condition A2 of TOCS 2002)",
        {"partition", "kill"}, "register", "broken-invariant", "",
        {"liars=1", "lie=forged-view-change"}}},
      {&Flaws::state_unchecked,
       {"state-unchecked",
        "a replica that is behind installs the state that it is sent, whatever its digest",
        {"partition", "kill"}, "register", "broken-invariant", "",
        {"liars=1", "lie=wrong-reply", "checkpoint-every=8"}}},
  };
}

}  // namespace

std::vector<FlawSwitch<Flaws>> flaw_switches() {
  std::vector<FlawSwitch<Flaws>> all = flaws_of_the_notes();
  for (FlawSwitch<Flaws>& entry : flaws_of_others()) all.push_back(std::move(entry));
  return all;
}

std::vector<Flaw> flaws() { return flaws_in(flaw_switches()); }

}  // namespace sunder::pbft
