#include "nodes/jupiter/config.h"

namespace sunder::jupiter {

std::vector<OptionSpec> options() {
  return {{"batch", OptionSpec::Kind::boolean, "false",
           "a site has one operation at a time under way, and what is edited meanwhile becomes one "
           "operation, neighbouring deletes one range; otherwise every edit goes at once"},
          {"digest-interval", OptionSpec::Kind::duration, "100ms",
           "between the digests by which the server and a site find what the other lacks"}};
}

namespace {

// The listing's functions, each in the pair of kinds where it is wrong.
std::vector<Flaw> of_the_notes() {
  return {
      {"notes-delete-without-length",
       "the notes' listing of operational transformation: a delete has content and no length, so "
       "that everything is put behind its position once more, and positions become no number",
       {"none"}},
      {"notes-insert-tie",
       "the notes' listing of operational transformation: of two inserts at one place each gives "
       "way to the other",
       {"none"}},
      {"notes-insert-inside-delete",
       "the notes' listing of operational transformation: an insert inside of a deleted range is "
       "moved by all of its length, and is deleted where it came first",
       {"none", "partition"}},
      {"notes-overlapping-delete",
       "the notes' listing of operational transformation: two deletes that overlap are moved and "
       "not cut, so that what they share takes others with it",
       {"none", "partition"}},
      {"notes-same-delete-twice",
       "the notes' listing of operational transformation: the same element deleted by two sites "
       "takes another one with it, at all sites alike, so that only the list's specification sees "
       "it",
       {"none"}},
  };
}

std::vector<Flaw> of_the_protocol() {
  return {
      {"resent-applied-twice",
       "the server takes an operation that was sent again for a new one (pending operations "
       "duplicated on reconnection in Fluid Framework: issue 3627)",
       {"partition", "kill"}},
      {"in-flight-never-resent",
       "an operation that was under way when the connection broke is never sent again (ShareJS "
       "0.5: issue 197)",
       {"partition", "kill"}},
      {"sent-batch-grows",
       "what is edited while the server is away joins the operation that was sent already, under "
       "its number (ShareDB, mended by pull request 327)",
       {"partition"}},
      {"early-operation-applied",
       "operations are carried out as they arrive: what comes too late is taken for a copy",
       {"none"}},
      {"waiting-not-transformed",
       "received operations are moved past the own ones that wait, but these not past the received "
       "ones",
       {"none", "partition"}},
      {"acks-overtake-operations",
       "an acknowledgement that overtakes older operations makes the server forget what these must "
       "be moved past",
       {"partition", "none"}},
      {"waiting-lost-on-restart",
       "the queues of what the other end has not seen live in memory only",
       {"kill"}},
      {"ack-before-sync",
       "nothing is synced before it is told (Redis's default appendfsync everysec)",
       {"kill"}},
  };
}

}  // namespace

std::vector<Flaw> flaws() {
  std::vector<Flaw> all = of_the_notes();
  for (Flaw& flaw : all) flaw.listing = "OT";
  for (Flaw& flaw : of_the_protocol()) all.push_back(std::move(flaw));
  for (Flaw& flaw : all) {
    flaw.workload = "text";
    // Ranges: of a small document much is deleted, while the server is away.
    bool of_ranges =
        flaw.name == "notes-insert-inside-delete" || flaw.name == "notes-overlapping-delete";
    if (of_ranges) flaw.set = {"batch=true", "keys=1", "positions=2", "inserts=1", "deletes=3"};
    if (flaw.name == "sent-batch-grows") flaw.set = {"batch=true"};
    if (flaw.name == "notes-same-delete-twice") flaw.anomaly = "lost-element";
    if (flaw.name == "in-flight-never-resent") flaw.anomaly = "not-converged";
  }
  return all;
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  Flaws& flaws = config.flaws;
  Mistakes& mistakes = flaws.link.mistakes;
  mistakes.delete_without_length = wanted.has("notes-delete-without-length");
  mistakes.insert_tie = wanted.has("notes-insert-tie");
  mistakes.insert_inside = wanted.has("notes-insert-inside-delete");
  mistakes.overlap = wanted.has("notes-overlapping-delete");
  mistakes.same_delete = wanted.has("notes-same-delete-twice");
  flaws.link.waiting_left_as_it_is = wanted.has("waiting-not-transformed");
  flaws.no_sync = wanted.has("ack-before-sync");
  flaws.never_resent = wanted.has("in-flight-never-resent");
  flaws.resent_is_new = wanted.has("resent-applied-twice");
  flaws.early_applied = wanted.has("early-operation-applied");
  flaws.trimmed_by_acks = wanted.has("acks-overtake-operations");
  flaws.waiting_forgotten = wanted.has("waiting-lost-on-restart");
  flaws.sent_batch_grows = wanted.has("sent-batch-grows");
  config.batch = wanted.options.boolean("batch");
  config.interval =
      std::max<Duration>(wanted.options.duration("digest-interval"), std::chrono::milliseconds(1));
  return config;
}

}  // namespace sunder::jupiter
