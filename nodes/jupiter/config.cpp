#include "nodes/jupiter/config.h"

namespace sunder::jupiter {

std::vector<OptionSpec> options() {
  return {{"batch", OptionSpec::Kind::boolean, "false",
           "a site has one operation at a time under way, and what is edited meanwhile becomes one "
           "operation, neighbouring deletes one range; otherwise every edit goes at once"},
          {"digest-interval", OptionSpec::Kind::duration, "100ms",
           "between the digests by which the server and a site find what the other lacks"}};
}

std::vector<Flaw> flaws() {
  return {};
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
  config.interval = std::max<Duration>(wanted.options.duration("digest-interval"),
                                       std::chrono::milliseconds(1));
  return config;
}

}  // namespace sunder::jupiter
