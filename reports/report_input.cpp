#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <string_view>
#include <system_error>

#include "harness/core/json.h"
#include "harness/store/run_directory.h"
#include "reports/report.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

/// Reads a file of JSON lines. Returns how many lines could not be used; the last one may be torn.
Result<std::size_t> each_line(const fs::path& file, const std::function<bool(const Value&)>& use) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Error::Code::not_found, "cannot read " + file.string()};
  std::size_t refused = 0;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    Result<Value> value = parse_json(line);
    if (!value || !use(*value)) ++refused;
  }
  return refused;
}

Result<Value> read_json(const fs::path& file) {
  Result<std::string> text = read_whole_file(file);
  if (!text) return text.error();
  Result<Value> value = parse_json(*text);
  if (!value) return Error{value.error().code, file.string() + ": " + value.error().context};
  return value;
}

Status read_history(const fs::path& file, ReportInput& input) {
  HistoryBuilder builder;
  Result<std::size_t> refused = each_line(file, [&](const Value& line) {
    Result<Op> op = op_from(line);
    if (op) builder.add(*op);
    return static_cast<bool>(op);
  });
  if (!refused) return refused.error();
  if (*refused > 0) {
    input.problems.push_back(std::to_string(*refused) +
                             " lines of history.jsonl could not be read and are not shown.");
  }
  input.history = builder.take();
  return Done{};
}

void read_verdict(const fs::path& file, ReportInput& input) {
  Result<Value> value = read_json(file);
  Result<Verdict> verdict = value ? verdict_from(*value) : Result<Verdict>(value.error());
  if (verdict) {
    input.verdict = std::move(*verdict);
    return;
  }
  input.verdict = Verdict{.checker = "run", .summary = "This run has not been judged."};
  input.problems.push_back("There is no verdict: " + verdict.error().context + ".");
}

void read_trace(const fs::path& file, std::size_t limit, ReportInput& input) {
  std::size_t left_out = 0;
  Result<std::size_t> refused = each_line(file, [&](const Value& line) {
    if (!is_role_event(line)) return line.is_map();
    if (input.trace.size() < limit) {
      input.trace.push_back(line);
    } else {
      ++left_out;
    }
    return true;
  });
  if (left_out > 0) {
    input.problems.push_back("Only the first " + std::to_string(limit) +
                             " changes of role are shown; " + std::to_string(left_out) +
                             " later ones are left out.");
  }
  if (refused && *refused > 0) {
    input.problems.push_back(std::to_string(*refused) + " lines of trace.jsonl could not be read.");
  }
}

std::vector<HarnessLag> lags_of(const Value& test) {
  std::vector<HarnessLag> lags;
  const Value* record = test.find("world_record");
  const Value* recorded = record != nullptr ? record->find("lags") : nullptr;
  if (recorded == nullptr || !recorded->is_list()) return lags;
  for (const Value& lag : recorded->list()) {
    const Value* begin = lag.find("begin");
    const Value* end = lag.find("end");
    if (begin == nullptr || !begin->is_integer() || end == nullptr || !end->is_integer()) continue;
    lags.push_back({.begin = instant_at(begin->integer()), .end = instant_at(end->integer())});
  }
  return lags;
}

LogTail tail_of(const fs::path& file, std::size_t limit) {
  LogTail tail;
  std::error_code error;
  std::uint64_t size = fs::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) return tail;
  tail.cut = size > limit ? size - limit : 0;
  in.seekg(static_cast<std::streamoff>(tail.cut));
  tail.text.resize(static_cast<std::size_t>(size - tail.cut));
  in.read(tail.text.data(), static_cast<std::streamsize>(tail.text.size()));
  tail.text.resize(static_cast<std::size_t>(in.gcount()));
  std::size_t first_line = tail.cut > 0 ? tail.text.find('\n') : std::string::npos;
  if (first_line != std::string::npos) {  // begin at a whole line
    tail.cut += first_line + 1;
    tail.text.erase(0, first_line + 1);
  }
  return tail;
}

void read_logs(const fs::path& folder, const ReportLimits& limits, ReportInput& input) {
  std::error_code error;
  std::set<fs::path> files;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    bool log = at->path().extension() == ".log";
    if (log && at->is_regular_file(error) && !at->is_symlink(error)) files.insert(at->path());
  }
  for (const fs::path& file : files) {
    if (input.logs.size() == limits.logs) {
      input.problems.push_back("Only " + std::to_string(limits.logs) + " of " +
                               std::to_string(files.size()) + " logs are shown.");
      return;
    }
    input.logs[file.lexically_relative(folder).string()] = tail_of(file, limits.log_bytes);
  }
}

}  // namespace

bool is_role_event(const Value& line) {
  static const std::set<std::string_view> roles = {
      "role",   "leader",  "follower", "pre-candidate", "candidate", "primary",
      "backup", "learner", "observer", "killed",        "started",   "recovered",
      "terminated"};
  const Value* event = line.find("event");
  return event != nullptr && event->is_text() && roles.contains(event->text());
}

Result<ReportInput> read_report_input(const fs::path& run_folder, const ReportLimits& limits) {
  ReportInput input;
  Status history = read_history(run_folder / "history.jsonl", input);
  if (!history) return history.error();
  Result<Value> test = read_json(run_folder / "test.json");
  if (test) {
    input.test = std::move(*test);
  } else {
    input.problems.push_back("The run's options are unknown: " + test.error().context + ".");
  }
  read_verdict(run_folder / "verdict.json", input);
  input.windows = trusted_windows(input.history, lags_of(input.test));
  read_trace(run_folder / "trace.jsonl", limits.trace_events, input);
  read_logs(run_folder / "nodes", limits, input);
  return input;
}

}  // namespace sunder
