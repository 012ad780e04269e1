#pragma once
// How one run wants Jupiter: its options, and its flaws.

#include "harness/api/system.h"
#include "nodes/jupiter/link.h"

namespace sunder::jupiter {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  LinkFlaws link;
  bool no_sync = false;
  bool never_resent = false;
  bool resent_is_new = false;
  bool early_applied = false;
  bool trimmed_by_acks = false;
  bool waiting_forgotten = false;  // by a restart
  bool sent_batch_grows = false;
};

struct Config {
  Flaws flaws;
  bool batch = false;    // a site has one operation at a time under way; edits wait meanwhile
  Duration interval{0};  // between digests
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::jupiter
