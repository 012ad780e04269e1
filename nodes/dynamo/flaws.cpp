#include "nodes/dynamo/config.h"

namespace sunder::dynamo {
namespace {

std::vector<Flaw> flaws_of_read_repair() {
  return {
      {.name = "notes-first-replicas-only",
       .summary = "the notes' listing of read repair: a read asks the first r replicas, whoever is "
                  "up, and one of their answers is enough when the others fail",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "multi-register",
       .anomaly = "regular-violation",
       .listing = "Read repair"},
      {.name = "notes-repair-by-filtered-index",
       .summary =
           "the notes' listing of read repair: a replica's place among the answers that came "
           "is taken for its place among all, so that another one is repaired",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Read repair"},
      {.name = "notes-missing-version-wins",
       .summary = "the notes' listing of read repair: an answer without a timestamp that comes "
                  "first is never found to be older, so that a replica without the key wins",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Read repair",
       .set = {"keys=200"}},
      {.name = "notes-equal-stamps-never-repaired",
       .summary = "the notes' listing of read repair: timestamps are numbers alone, so that two "
                  "coordinators may give two values the same one, and what is equal is never "
                  "repaired",
       .shown_by = {"none"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Read repair"},
      {.name = "notes-repair-after-return",
       .summary = "the notes' listing of read repair: replicas are repaired after the answer, so "
                  "that the next read may return what was before (Riak's read repair; "
                  "Cassandra 4.0 leaves it out with read_repair=NONE)",
       .shown_by = {"partition", "kill", "pause"},
       .workload = "multi-register",
       .anomaly = "nonlinearizable",
       .listing = "Read repair",
       .set = {"repair=blocking", "r=1", "w=3"}},
  };
}

std::vector<Flaw> flaws_of_hints() {
  return {
      {.name = "notes-quorum-undefined",
       .summary = "the notes' listing of hinted handoff: the write quorum is compared with a field "
                  "that nobody set, so that every write fails after it was applied",
       .shown_by = {"none"},
       .workload = "multi-register",
       .anomaly = "aborted-read",
       .listing = "Hints"},
      {.name = "notes-no-hint-on-error",
       .summary =
           "the notes' listing of hinted handoff: a replica that seemed to be up and did not "
           "answer gets no hint, and misses the write",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Hints"},
      {.name = "notes-waits-for-hung-replica",
       .summary = "the notes' listing of hinted handoff: a write waits for every replica, also "
                  "for one that hangs, without a limit, until such writes have taken all workers",
       .shown_by = {"partition"},
       .workload = "multi-register",
       .anomaly = "no-progress",
       .listing = "Hints"},
      {.name = "notes-hint-hot-loop",
       .summary = "the notes' listing of hinted handoff: a hint that failed is put back into the "
                  "queue that is being worked off, so that one pass sends it again and again",
       .shown_by = {"partition", "kill"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Hints"},
      {.name = "notes-hints-in-memory",
       .summary =
           "the notes' listing of hinted handoff: hints live in memory, also those that were "
           "acknowledged (Cassandra 3.0 flushes its hints every ten seconds)",
       .shown_by = {"kill"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Hints",
       .set = {"sloppy=true"}},
      {.name = "notes-blind-replay",
       .summary = "the notes' listing of hinted handoff: a replica takes a hint whatever it holds, "
                  "so that an older write replaces a newer one",
       .shown_by = {"kill", "partition", "pause"},
       .workload = "multi-register",
       .anomaly = "broken-invariant",
       .listing = "Hints"},
      {.name = "notes-wall-clock-timestamps",
       .summary = "the notes' listing of hinted handoff: a write's timestamp is the coordinator's "
                  "wall clock, so that a later write may lose (Riak with allow_mult=false: Jepsen, "
                  "2013)",
       .shown_by = {"clock"},
       .workload = "multi-register",
       .anomaly = "regular-violation",
       .listing = "Hints"},
  };
}

std::vector<Flaw> flaws_of_real_systems() {
  return {
      {.name = "hints-count-towards-w",
       .summary = "a hint that the coordinator keeps for a replica counts towards w (Cassandra's "
                  "consistency level ANY, in a quorum's clothes)",
       .shown_by = {"kill", "partition"},
       .workload = "multi-register",
       .anomaly = "broken-invariant"},
      {.name = "fallbacks-count",
       .summary =
           "nodes that stand in for replicas count towards r and w, and the claim is that of "
           "strict quorums (Riak's default, pr=pw=0, read as if R + W > N meant anything: "
           "Jepsen, 2013)",
       .shown_by = {"partition"},
       .workload = "multi-register",
       .anomaly = "regular-violation"},
      {.name = "stamp-above-own-copy",
       .summary = "a write's timestamp is above the coordinator's own copy alone, which may have "
                  "missed the write before, or which it has not",
       .shown_by = {"none"},
       .workload = "multi-register",
       .anomaly = "regular-violation"},
      {.name = "hint-dropped-when-sent",
       .summary = "a hint is dropped once it is sent, and not once it is confirmed (ScyllaDB issue "
                  "4122: hints are discarded during sending)",
       .shown_by = {"kill", "partition"},
       .workload = "multi-register",
       .anomaly = "broken-invariant"},
      {.name = "tree-not-updated",
       .summary = "a key enters the hash trees with its first version and later ones do not change "
                  "them, so that replicas that differ find nothing to talk about",
       .shown_by = {"none"},
       .workload = "multi-register",
       .anomaly = "broken-invariant"},
      {.name = "anti-entropy-overwrites",
       .summary = "whoever finds a difference sends its own version, and the other takes it "
                  "whatever it holds",
       .shown_by = {"none", "partition"},
       .workload = "multi-register",
       .anomaly = "regular-violation"},
      {.name = "ack-before-sync",
       .summary = "nothing is synced before it is told (Cassandra's default commitlog_sync: "
                  "periodic)",
       .shown_by = {"kill"},
       .workload = "multi-register",
       .anomaly = "broken-invariant"},
  };
}

}  // namespace

std::vector<Flaw> flaws() {
  std::vector<Flaw> all = flaws_of_read_repair();
  for (Flaw& flaw : flaws_of_hints()) all.push_back(std::move(flaw));
  for (Flaw& flaw : flaws_of_real_systems()) all.push_back(std::move(flaw));
  return all;
}

}  // namespace sunder::dynamo
