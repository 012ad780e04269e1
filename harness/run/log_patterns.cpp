#include "harness/run/log_patterns.h"

#include <regex.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

namespace sunder {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t anomalies_max = 20;
constexpr std::size_t text_max = 300;  // bytes of a line that are told

struct Freed {
  void operator()(regex_t* compiled) const {
    ::regfree(compiled);
    delete compiled;
  }
};

std::string error_text(int code, const regex_t& compiled) {
  std::string text(::regerror(code, &compiled, nullptr, 0), '\0');
  ::regerror(code, &compiled, text.data(), text.size());
  text.resize(text.find('\0'));  // it counts the end
  return text;
}

std::set<fs::path> logs_below(const fs::path& folder) {
  std::set<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    bool log = at->path().extension() == ".log";
    if (log && at->is_regular_file(error) && !at->is_symlink(error)) files.insert(at->path());
  }
  return files;
}

}  // namespace

struct LogPatterns::Pattern {
  std::string text;
  std::shared_ptr<const regex_t> compiled;

  bool matches(const std::string& line) const {
    return ::regexec(compiled.get(), line.c_str(), 0, nullptr, 0) == 0;
  }
};

Result<LogPatterns> LogPatterns::compile(const std::vector<std::string>& patterns) {
  auto all = std::make_shared<std::vector<Pattern>>();
  for (const std::string& text : patterns) {
    auto compiled = std::make_unique<regex_t>();
    int code = ::regcomp(compiled.get(), text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
      return Error{
          Error::Code::malformed,
          "'" + text + "' is no POSIX extended regular expression: " + error_text(code, *compiled)};
    }
    all->push_back({text, std::shared_ptr<const regex_t>(compiled.release(), Freed{})});
  }
  LogPatterns made;
  made.patterns_ = std::move(all);
  return made;
}

Verdict LogPatterns::look_into(const fs::path& folder) const {
  Verdict verdict{.checker = "log patterns", .validity = Validity::valid};
  std::set<fs::path> files = logs_below(folder);
  std::int64_t lines = 0;
  std::int64_t hits = 0;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    for (std::int64_t number = 1; std::getline(in, line); ++number, ++lines) {
      std::replace(line.begin(), line.end(), '\0', ' ');  // would hide what stands after it
      for (const Pattern& pattern : *patterns_) {
        if (!pattern.matches(line)) continue;
        ++hits;
        if (verdict.anomalies.size() == anomalies_max) break;
        Map detail;
        detail["file"] = file.lexically_relative(folder).string();
        detail["line"] = number;
        detail["text"] = line.substr(0, text_max);
        detail["pattern"] = pattern.text;
        std::string place = detail["file"].text() + ":" + std::to_string(number);
        verdict.anomalies.push_back(
            {.name = "log-pattern",
             .explanation = place + " matches '" + pattern.text + "': " + line.substr(0, text_max),
             .detail = std::move(detail)});
        break;
      }
    }
  }
  Map detail;
  detail["files"] = static_cast<std::int64_t>(files.size());
  detail["lines"] = lines;
  detail["hits"] = hits;
  verdict.detail = std::move(detail);
  if (hits > 0) {
    verdict.validity = Validity::invalid;
    verdict.summary = std::to_string(hits) + " lines of the nodes' logs must not be there. " +
                      verdict.anomalies.front().explanation;
  } else if (files.empty()) {
    verdict.validity = Validity::unknown;
    verdict.summary = "The nodes left no log to look at.";
  } else {
    verdict.summary = "No pattern was found in " + std::to_string(lines) + " lines of " +
                      std::to_string(files.size()) + " logs.";
  }
  return verdict;
}

}  // namespace sunder
