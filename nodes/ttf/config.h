#pragma once
// How one run wants the tombstone transformation: its options, and its flaws.

#include "harness/api/system.h"
#include "nodes/ttf/document.h"

namespace sunder::ttf {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  DocumentFlaws document;
  bool no_sync = false;
  bool sent_once = false;
};

struct Config {
  Flaws flaws;
  Duration interval{0};  // between digests, each to one other site
};

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

}  // namespace sunder::ttf
