#pragma once
// What is known of the bundled systems, found out again: the tables of nodes/README.md say how they
// fare, and each is made, and checked, by running them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/exit_code.h"
#include "harness/cli/plan.h"
#include "harness/cli/seed_sweep.h"

namespace sunder::survey {

/// A row of a table. Cells are text without '|' and line ends.
struct Row {
  std::vector<std::string> cells;
  ExitCode code = exit_valid;  // anything else: not as it should be
};
using AddRow = std::function<void(Row)>;

/// What every table needs to know.
struct Scope {
  const Catalogues& catalogues;
  std::uint64_t seeds = 100;  // tried for each row
  int jobs = 0;               // threads; 0: one for each core
  std::string time_limit = "30s";
  /// Where a table is only checked: the seed that it names for a row, told by the first cells up to
  /// its column `seed`. Empty function: seeds are tried from 1 on.
  std::function<std::optional<std::uint64_t>(const std::vector<std::string>&)> recorded{};
};

/// The seeds to try for the row that begins with these cells; none when a checked table lacks it.
std::optional<SeedRange> seeds_for(const Scope& scope, const std::vector<std::string>& cells);

/// One table: its name on the command line, and how the rows of a system are found.
struct Table {
  std::string name;
  std::string title;
  std::string introduction;          // a paragraph that says what was done
  std::vector<std::string> columns;  // the first is the system
  void (*rows)(const System& system, const Scope& scope, const AddRow& add);
};
const std::vector<Table>& tables();

// The rows of each table.
void note_rows(const System& system, const Scope& scope, const AddRow& add);
void flaw_rows(const System& system, const Scope& scope, const AddRow& add);
void sound_rows(const System& system, const Scope& scope, const AddRow& add);
void limit_rows(const System& system, const Scope& scope, const AddRow& add);
void speed_rows(const System& system, const Scope& scope, const AddRow& add);

/// What of a system is to be run in the simulator.
struct Wanted {
  std::string workload{};  // empty: the system's first
  std::string faults{};    // empty: those of the system's fault model
  std::string claim{};     // empty: the system's
  std::string flaw{};      // empty: none
  std::vector<std::string> set{};
};
/// REQUIRES: what is wanted fits the catalogues, as what a system says of itself always should.
Plan plan_of(const System& system, const Wanted& wanted, const Scope& scope);

/// The workloads whose operations the system speaks, the plainest first.
std::vector<std::string> workloads_of(const System& system, const Catalogues& catalogues);

/// Whether all that keeps a run from being valid is that no checker decides what is claimed.
bool only_undecided(const Verdict& verdict);

std::string joined(const std::vector<std::string>& words, const char* between = " ");

}  // namespace sunder::survey
