#pragma once
// The subcommands: one file each. Each prints what it found and returns the exit code.

#include <string>
#include <vector>

#include "harness/cli/exit_code.h"
#include "harness/cli/plan.h"

namespace sunder {

/// Prints an error as the one line that every command ends with on bad input.
ExitCode fail_with(const Error& error);

ExitCode run_command(const RunRequest& request);

struct SweepRequest {
  std::vector<std::string> systems;
  RunRequest run;
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;
  int jobs = 0;            // 0: one for each core
  bool each_flaw = false;  // sweep every flaw of the systems until it is caught
  bool digests = false;    // print a line "seed digest verdict" for each run
  std::string table;       // write the flaw table to this file
};
ExitCode sweep_command(const SweepRequest& request);

struct SurveyRequest {
  std::vector<std::string> systems;  // empty: all bundled ones
  std::vector<std::string> tables;   // empty: all
  std::uint64_t seeds = 100;         // for each row
  int jobs = 0;                      // threads; 0: one for each core
  std::string time_limit = "30s";    // of each run
  std::string write;                 // the file whose rows are made anew
  std::string check;                 // the file whose rows are to be found again
};
ExitCode survey_command(const SurveyRequest& request);

struct CheckRequest {
  std::string file;
  std::string datatype;  // empty: the usual one of the file's format
  std::string consistency = "linearizable";
  std::string format = "detect";
  bool keyed = false;
  bool no_keyed = false;
  std::string failed_cas;  // empty: as the datatype says
  std::vector<std::string> set;
  std::string time_budget = "60s";
  std::string memory_budget = "4G";
  std::string certificate;         // write the proof of the verdict to this file
  std::string verify_certificate;  // judge by the proof in this file instead
  bool json = false;
  bool quiet = false;
};
ExitCode check_command(const CheckRequest& request);

ExitCode report_command(const std::string& run);
ExitCode heal_command(const std::string& store);
ExitCode doctor_command(const std::string& store);
ExitCode list_command(const std::string& what, const std::string& of);
/// Replaces this process by sunder-node.
ExitCode node_command(const std::vector<std::string>& arguments);

}  // namespace sunder
