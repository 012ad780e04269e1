#pragma once
// How one run wants primary and backup: its options, and its flaws.

#include "harness/api/system.h"

namespace sunder::primary_backup {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool no_fencing = false;
  bool reads_not_confirmed = false;
  bool view_changes_unacknowledged = false;
  bool degrades_to_async = false;
  bool no_sync = false;
};

struct Config {
  Flaws flaws;
  bool async = false;     // writes are acknowledged before the backup has them
  Duration ping{0};
  Duration dead_after{0};  // silence after which the view service takes a server for dead
  Duration give_up{0};     // of a request that waits for the backup
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::primary_backup
