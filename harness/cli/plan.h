#pragma once
// From a command line to a test that can run.

#include <map>
#include <string>
#include <vector>

#include "harness/api/test.h"
#include "harness/api/workload.h"
#include "harness/cli/catalogues.h"
#include "harness/cli/scenario.h"
#include "harness/cli/worlds.h"
#include "harness/run/judge.h"
#include "harness/run/log_patterns.h"

namespace sunder {

/// What the user asked for, in the words of the command line.
struct RunRequest {
  std::string system;
  std::string workload = "register";
  std::string nemeses;                 // names separated by commas; "all"; "swarm"; or empty
  std::string scenario;                // a file that says which faults begin when, instead
  std::string world = "lab";
  int nodes = 0;                       // 0: the system's default
  std::string time_limit = "30s";
  int rate = 200;                      // client ops a second over all clients; 0: as fast as can be
  int concurrency = 10;
  std::string seed;                    // empty: a fresh one
  std::vector<std::string> flaws;
  std::vector<std::string> set;        // KEY=VALUE
  std::string claim;                   // empty: the system's own
  std::string store = "store";
  std::string name;                    // empty: <system>-<workload>
  std::string core = "0s";             // how long a core alone must serve at the end; 0: not
  std::string op_timeout = "5s";
  std::string time_budget = "60s";
  std::string interval = "5s";         // of each nemesis
  std::string latency = "500us";       // of each link, with as much jitter
  std::string switch_stall = "0s";
  std::string hosts;                   // files that name the hosts of the ssh world: ours,
  std::string ssh_config;              // or OpenSSH's
  std::string machines;                // how libvirt's names of them begin, if it has any
  std::string packets = "auto";        // what bends links of the ssh world
  std::vector<std::string> log_patterns;  // beside the system's own
  bool cut_clients = false;
  bool quiet = false;
};

/// A validated request: everything but the seed is fixed, so a sweep makes many tests of one plan.
struct Plan {
  RunRequest request;
  WorldKind world = WorldKind::lab;
  std::uint64_t seed = 0;
  Duration time_limit{0};
  Duration interval{0};
  Duration time_budget{0};               // of each checker
  Duration core_time{0};                 // that follows the faults, with the nemesis of that name
  Duration switch_stall{0};              // of the lab's switch, on purpose; 0: none
  Workload workload;
  Options workload_options;
  std::vector<Options> nemesis_options;  // of test.nemeses, in order
  std::optional<Scenario> scenario;      // instead of the nemeses' own schedules
  bool swarm = false;                    // each seed draws which of them act, and how much
  Test test;                             // with an empty generator and seed 0

  Judges judges;
  std::optional<LogPatterns> log_patterns;  // absent: there are no logs, or nothing to look for
};

inline constexpr std::string_view core_nemesis = "core";

/// Whether the system knows the workload's datatype and every verb of it.
bool speaks(const System& system, const Workload& workload);

/// Errors (malformed) name the wrong word and the right ones.
Result<Plan> make_plan(const RunRequest& request, const Catalogues& catalogues);

/// Settles what the other version of the system is that faults swap nodes for, if any do.
/// REQUIRES: all else in the plan is settled.
Status take_other_version(Plan& plan);

/// The plan's test with a seed and the generator of the whole run: wait until ready, load with
/// faults, recover, verify, wait until ready, finale.
Test make_test(const Plan& plan, std::uint64_t seed);

/// What a seed makes of one nemesis of a plan: whether it acts, how often, and with which options.
struct Intensity {
  bool acts = true;
  Duration interval{0};
  Options options;
};
/// One for each nemesis of the plan, at least one of which acts.
std::vector<Intensity> intensities(const Plan& plan, std::uint64_t seed);

/// The command line that runs the plan again with this seed.
std::string reproduce_command(const Plan& plan, std::uint64_t seed);

/// test.json: every option, seed and version.
Value describe(const Plan& plan, std::uint64_t seed, WallTime started);

}  // namespace sunder
