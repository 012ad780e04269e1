#pragma once
// Scenarios: which faults begin when, written down in a file. A JSON list of
//   {"at": "5s", "fault": "kill", "targets": "leader", "for": "3s", "set": {"when": "interval"}}
// `at` counts from the beginning of the load. `targets` is what the fault's option of that name (a
// partition's shape) may be, or a list of nodes; without it the option's default is. Without `for`
// the fault lasts until the run's recovery, unless it ends by itself. `set` gives its other
// options. The same file plays in every world that has its faults.

#include <map>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

struct ScenarioEntry {
  Duration at{0};
  std::string fault;
  std::string targets;                     // empty: the fault's default
  bool named_nodes = false;                // targets is "n1,n3"
  Duration length{0};                      // 0: until the end
  std::map<std::string, std::string> set;
  std::string file;
  std::map<std::string, int> lines;        // of its keys, its own under ""

  /// "FILE: line 7": where the key stands, or the entry when it has none.
  std::string place(const std::string& key = "") const;
};

/// Ascending by time. Errors (malformed, not_found) name file and line.
struct Scenario {
  std::vector<ScenarioEntry> entries;
  Value source;  // as it was read

  static Result<Scenario> read(const std::string& file);
  static Result<Scenario> parse(const std::string& text, const std::string& file);
};

/// Checks an entry against its fault: its options, with the targets among them.
Result<Options> options_of(const ScenarioEntry& entry, const Nemesis& nemesis, int nodes);

/// The entries of one fault, one after the other, on the process of `config`.
/// REQUIRES: options_of() accepted each.
Generator scenario_schedule(const std::vector<ScenarioEntry>& entries, const Nemesis& nemesis,
                            NemesisConfig config, int nodes);

}  // namespace sunder
