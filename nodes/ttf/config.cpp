#include "nodes/ttf/config.h"

namespace sunder::ttf {

std::vector<OptionSpec> options() {
  return {{"digest-interval", OptionSpec::Kind::duration, "50ms",
           "between a site's digests, each to one other site"}};
}

std::vector<Flaw> flaws() {
  std::vector<Flaw> all{
      {"notes-remote-operations-not-counted",
       "the notes' listing of operational transformation: what an operation says that it was made "
       "after counts its own site's operations only, and nothing waits for what it was made "
       "after, so that it is moved past operations that it had seen",
       {"none"}},
      {"transformed-as-arrived",
       "an operation is moved past the concurrent ones in the order in which these arrived (dOPT "
       "of the GROVE editor, Ellis and Gibbs, SIGMOD 1989: the dOPT puzzle)",
       {"none", "partition"}},
      {"no-tombstones",
       "deleted elements are gone and deletes move positions, though there is no server to order "
       "operations (the functions of adOPTed, Ressel and others, CSCW 1996, fail TP2: Imine and "
       "others, ECSCW 2003)",
       {"none", "partition"}},
      {"causal-order-not-awaited",
       "an operation is carried out as it arrives, before what it was made after",
       {"none", "partition"}},
      {"tie-by-arrival",
       "of two inserts at one place the one that arrives later gives way",
       {"none"}},
      {"shown-positions-sent",
       "an insert says a position among the elements that show, not among all cells",
       {"none"}},
      {"sent-once",
       "an operation is sent once, so that a site that missed it never learns of it",
       {"partition", "kill"}},
      {"ack-before-sync",
       "nothing is synced before it is told, so that a restarted site gives the name of an update "
       "to another one (Redis's default appendfsync everysec)",
       {"kill"}},
  };
  all.front().listing = "OT";
  for (Flaw& flaw : all) {
    flaw.workload = "text";
    if (flaw.name == "sent-once") flaw.anomaly = "not-converged";
  }
  return all;
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  DocumentFlaws& document = config.flaws.document;
  document.remote_ignored = wanted.has("notes-remote-operations-not-counted");
  document.as_arrived = wanted.has("transformed-as-arrived");
  document.mistakes.no_tombstones = wanted.has("no-tombstones");
  document.needs_not_awaited = wanted.has("causal-order-not-awaited");
  document.mistakes.tie_by_arrival = wanted.has("tie-by-arrival");
  document.shown_positions = wanted.has("shown-positions-sent");
  config.flaws.sent_once = wanted.has("sent-once");
  config.flaws.no_sync = wanted.has("ack-before-sync");
  config.interval =
      std::max<Duration>(wanted.options.duration("digest-interval"), std::chrono::milliseconds(1));
  return config;
}

}  // namespace sunder::ttf
