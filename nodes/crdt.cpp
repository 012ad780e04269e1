// Conflict-free replicated data types: counters, sets and a register whose states are joined.
//
// Source: Shapiro, Preguica, Baquero and Zawirski, "A Comprehensive Study of Convergent and
// Commutative Replicated Data Types", INRIA RR-7506, 2011, section 3 (state-based G-counter,
// PN-counter, LWW-register and G-set); the same, "Conflict-free Replicated Data Types", SSS 2011;
// sets without tombstones by Bieniusa and others, "An Optimized Conflict-free Replicated Set",
// INRIA RR-8083, 2012; parts of states by Almeida, Shoker and Baquero, "Delta State Replicated
// Data Types", JPDC 2018 (delta-intervals and the causal delta-merging condition).
// Claim: eventual: replicas that have the same updates answer alike, and all get all updates. What
// a replica has is also closed under causality, and a session that stays sees only more.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks. With stamps=wall the register settles writes by clocks that may
// step: still eventual, but a later write may lose to one that it has seen.
// Gives up: recency, and any order between objects; a counter cannot be kept above a bound; of
// concurrent writes to the register one is lost. A session that moves may see less than it had.
// On disk and on the wire: nodes/lattice/store.h and nodes/lattice/messages.h. Updates are pushed
// once to all and then exchanged by digests, which confirm what has come.

#include "nodes/lattice/config.h"

namespace sunder {
namespace {

lattice::Config config_from(const SystemConfig& wanted) {
  lattice::Config config;
  lattice::Flaws& flaws = config.flaws;
  flaws.ack_before_sync = wanted.has("ack-before-sync");
  flaws.sent_once = wanted.has("pushed-once");
  flaws.applied_again = wanted.has("retry-counted-twice");
  flaws.gaps_joined = wanted.has("gaps-joined");
  flaws.entries_summed = wanted.has("entries-summed");
  flaws.net_by_maximum = wanted.has("net-by-maximum");
  flaws.own_entry_forgotten = wanted.has("own-entry-forgotten");
  flaws.removes_by_element = wanted.has("removes-by-element");
  flaws.present_not_added = wanted.has("present-not-added");
  flaws.removes_forgotten = wanted.has("removes-forgotten");
  flaws.coarse_stamps = wanted.has("coarse-stamps");
  config.wall_stamps = wanted.options.text("stamps") == "wall";
  return lattice::with_options(config, wanted.options);
}

std::vector<Flaw> flaws() {
  return {
      {"retry-counted-twice",
       "an increment that is retried after a time-out is counted again (Cassandra's counters, "
       "whose documentation warns of it)",
       {"pause"},
       "crdt-pn-counter",
       "phantom-update"},
      {"entries-summed",
       "a node's entry in a counter is added to the one held when states are joined, as if it were "
       "a change, so that joining a state twice counts it twice",
       {"none"},
       "crdt-g-counter",
       "wrong-sum"},
      {"net-by-maximum",
       "a node's increments and decrements are one signed number, of which the larger is kept: "
       "decrements are lost (why RR-7506 makes two counters of it)",
       {"none"},
       "crdt-pn-counter",
       "wrong-sum"},
      {"own-entry-forgotten",
       "a node counts from 0 after a restart under its old name, so that what it counts is hidden "
       "by what others remember of it (Riak, riak_kv issue 679)",
       {"kill"},
       "crdt-g-counter",
       "broken-invariant"},
      {"removes-by-element",
       "a remove takes every add of its element, concurrent ones too",
       {"none"},
       "crdt-or-set",
       "lost-element"},
      {"present-not-added",
       "an add of an element that is there does nothing, so that a concurrent remove takes it",
       {"none"},
       "crdt-or-set",
       "lost-element"},
      {"removes-forgotten",
       "a replica remembers for one second what was removed, and then takes it back from one that "
       "did not hear of it (Cassandra's tombstones after gc_grace_seconds)",
       {"partition", "kill", "pause"},
       "crdt-or-set",
       "resurrected-element"},
      {"gaps-joined",
       "a part of a set is joined by a replica that lacks what it builds on, and what is missing "
       "is never sent, because the context says that it is there",
       {"none", "partition"},
       "crdt-g-set",
       "lost-element"},
      {"coarse-stamps",
       "stamps are compared by their milliseconds alone, and of equal ones what is there stays",
       {"none"},
       "crdt-lww-register",
       "wrong-arbitration"},
      {"pushed-once",
       "an update is sent to all once, and what is lost on the way never comes",
       {"partition", "kill"},
       "crdt-g-set",
       "not-converged"},
      {"ack-before-sync",
       "nothing is synced before it is told (Redis's default appendfsync everysec)",
       {"kill"},
       "crdt-or-set",
       "broken-invariant"},
  };
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = lattice::common_options();
  all.push_back({"stamps", OptionSpec::Kind::choice, "hybrid",
                 "what orders the writes of a register: clocks above all that was seen, or bare "
                 "wall clocks",
                 {"hybrid", "wall"}});
  return all;
}

}  // namespace

void add_crdt(Registry<System>& registry) {
  System system;
  system.name = "crdt";
  system.summary = "counters, sets and a register whose states are joined, spread by digests";
  system.claim = [](const SystemConfig&) { return std::string("eventual"); };
  system.verbs = {{"crdt-g-counter", {"increment", "read", "final-read", "log"}},
                  {"crdt-pn-counter", {"increment", "decrement", "read", "final-read", "log"}},
                  {"crdt-g-set", {"add", "read", "final-read", "log"}},
                  {"crdt-or-set", {"add", "remove", "read", "final-read", "log"}},
                  {"crdt-lww-register", {"write", "read", "final-read", "log"}}};
  system.options = options();
  system.flaws = flaws();
  system.fault_model =
      "crashes with recovery, any network, any clocks; sessions that stay at their replica";
  system.settings = {{"push=false", "compact-every=50"}, {"stamps=wall"}};
  for (const char* workload : {"crdt-g-counter", "crdt-or-set", "crdt-lww-register"}) {
    system.limits.push_back({.lifted = "sessions stay at their replica",
                             .workload = workload,
                             .set = {"clients=moving"}});
  }
  lattice::use_objects(system, config_from);
  registry.add(std::move(system));
}

}  // namespace sunder
