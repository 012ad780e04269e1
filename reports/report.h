#pragma once
// The report: a stored run in, one self-contained HTML file out. Needs no live system.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/api/checker.h"
#include "harness/core/history.h"
#include "harness/core/result.h"
#include "harness/core/value.h"
#include "harness/core/verdict.h"

namespace sunder {

/// The end of one node's log.
struct LogTail {
  std::string text;       // any bytes
  std::uint64_t cut = 0;  // bytes before it that are left out
};

/// Everything a report shows. Recorded text in it is hostile: it reaches the page as data only.
struct ReportInput {
  Value test;  // test.json: a map
  History history;
  Verdict verdict;
  std::vector<FaultWindow> windows;     // of the history
  std::vector<Value> trace;             // role events of nodes, by time; see is_role_event()
  std::map<std::string, LogTail> logs;  // by "n1/node.log"
  std::vector<std::string> problems;    // sentences: what could not be read, what was left out
};

/// What of a run may at most stand in its page, so that browsers stay quick.
struct ReportLimits {
  std::size_t operations = 100'000;  // pairs of invocation and completion
  std::size_t trace_events = 20'000;
  std::size_t log_bytes = 200'000;  // of one log
  std::size_t logs = 40;
};

/// True for a line of trace.jsonl that says which role a node has: {"event":"leader","term":3 ...}.
bool is_role_event(const Value& line);

/// Reads a run's folder. Only a missing or broken history, or folder, is an error: whatever else is
/// missing is named in `problems`, so that a crashed run can be looked at too.
Result<ReportInput> read_report_input(const std::filesystem::path& run_folder,
                                      const ReportLimits& limits = {});

/// The page, whole. Pure: equal input gives equal bytes.
std::string build_report(const ReportInput& input, const ReportLimits& limits = {});

/// Writes report.html into the run's folder, under a temporary name first.
Status write_report(const std::filesystem::path& run_folder, const ReportLimits& limits = {});

}  // namespace sunder
