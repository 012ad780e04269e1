// The multi-value register: concurrent writes stand side by side until a client that has read them
// writes one value in their place.
//
// Source: Preguica, Baquero, Almeida, Fonte and Goncalves, "Dotted Version Vectors: Logical Clocks
// for Optimistic Replication", 2010 (the operations sync and update); Almeida, Baquero, Goncalves,
// Preguica and Fonte, "Scalable and Accurate Causality Tracking for Eventually Consistent Stores",
// DAIS 2014; siblings that clients merge as in DeCandia and others, "Dynamo", SOSP 2007, sections
// 4.4 and 4.5.
// Claim: eventual, as a multi-value register: a read returns the values of exactly those writes
// that no other write in sight has replaced, and a write replaces what its client had read, no
// more. A session that stays sees only more.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks.
// Gives up: a single value: clients must merge; recency; a session that moves may see less than it
// had, though its writes replace all that it has read, wherever it goes.
// On disk and on the wire: nodes/lattice/store.h and nodes/lattice/messages.h. Writes are pushed
// once to all and then exchanged by digests, which confirm what has come.

#include "nodes/lattice/config.h"

namespace sunder {
namespace {

lattice::Config config_from(const SystemConfig& wanted) {
  lattice::Config config;
  lattice::Flaws& flaws = config.flaws;
  flaws.ack_before_sync = wanted.has("ack-before-sync");
  flaws.own_clock_only = wanted.has("notes-clock-never-advanced");
  flaws.siblings_repeated = wanted.has("notes-siblings-by-identity");
  flaws.one_clock = wanted.has("notes-no-client-context");
  flaws.clock_forgotten = wanted.has("notes-clock-volatile");
  flaws.text_ids = wanted.has("notes-numeric-ids");
  flaws.text_order = wanted.has("notes-text-in-insertion-order");
  flaws.no_comparison = wanted.has("notes-no-is-after");
  flaws.stale_context_keeps_all = wanted.has("one-vector-for-all-siblings");
  flaws.past_truncated = wanted.has("clock-truncated");
  flaws.one_sibling = wanted.has("one-sibling-kept");
  flaws.context_forgotten = wanted.has("context-forgotten");
  return lattice::with_options(config, wanted.options);
}

Flaw of_notes(std::string name, std::string summary, std::vector<std::string> shown_by,
              std::string anomaly, std::string listing) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .shown_by = std::move(shown_by),
          .anomaly = std::move(anomaly),
          .listing = std::move(listing)};
}

std::vector<Flaw> flaws() {
  return {
      of_notes("notes-clock-never-advanced",
               "the notes' listing of the multi-value register: neither merging nor reading "
               "advances the clock, so that a write replaces nothing that came from elsewhere",
               {"none"}, "overwritten-value", "MVR"),
      of_notes("notes-siblings-by-identity",
               "the notes' listing of the multi-value register: siblings are found by the identity "
               "of their clocks, so that a state that comes twice has its values twice",
               {"none"}, "duplicate-value", "MVR"),
      of_notes("notes-no-client-context",
               "the notes' listing of the multi-value register: one clock for each replica, and "
               "none from the client, so that a write replaces what its client never read",
               {"none"}, "lost-update", "MVR"),
      of_notes("notes-clock-volatile",
               "the notes' listing of the multi-value register: the clock lives in memory, so that "
               "a restarted replica names a write as an old one, and one of them is hidden",
               {"kill"}, "duplicate-dot", "MVR"),
      of_notes("notes-numeric-ids",
               "the notes' listing of vector clocks: a copy has its counts under names of another "
               "type, so that a clock is concurrent with its own copy",
               {"none"}, "duplicate-value", "VectorClock"),
      of_notes("notes-text-in-insertion-order",
               "the notes' listing of vector clocks: clocks are told apart by a text form that "
               "follows the order of insertion, so that equal clocks differ",
               {"none"}, "duplicate-value", "VectorClock"),
      of_notes("notes-no-is-after",
               "the notes' listing of vector clocks: there is no isAfter, so that whoever compares "
               "what came with what is there fails, and drops it",
               {"none"}, "not-converged", "VectorClock"),
      {"one-vector-for-all-siblings",
       "one version vector stands for all siblings, so that a write whose context is not the "
       "newest replaces none of them: sibling explosion (Riak before 2.0)",
       {"none"},
       {},
       "overwritten-value"},
      {"clock-truncated",
       "clocks are cut to two entries, so that a write no longer knows all that it replaces "
       "(Dynamo's clock truncation scheme, SOSP 2007, section 4.4)",
       {"none"},
       {},
       "overwritten-value"},
      {"one-sibling-kept",
       "of concurrent values one is kept (Riak's default, allow_mult=false, until buckets had "
       "types; Jepsen 2013)",
       {"none"},
       {},
       "lost-update"},
      {"context-forgotten",
       "clients write without the context of what they have read, so that siblings pile up",
       {"none"},
       {},
       "forgotten-read"},
      {"ack-before-sync",
       "nothing is synced before it is told (Redis's default appendfsync everysec)",
       {"kill"},
       {},
       "broken-invariant"},
  };
}

}  // namespace

void add_mvr(Registry<System>& registry) {
  System system;
  system.name = "mvr";
  system.summary = "registers that keep concurrent values for clients to merge, by dotted vectors";
  system.claim = [](const SystemConfig&) { return std::string("eventual"); };
  system.verbs = {{"crdt-mv-register", {"write", "read", "final-read", "log"}}};
  system.options = lattice::common_options();
  system.flaws = flaws();
  system.fault_model =
      "crashes with recovery, any network, any clocks; sessions that stay at their replica";
  system.settings = {{"push=false", "compact-every=50"}};
  system.limits = {{.lifted = "sessions stay at their replica", .set = {"clients=moving"}}};
  lattice::use_objects(system, config_from);
  registry.add(std::move(system));
}

}  // namespace sunder
