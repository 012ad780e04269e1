#pragma once
// Lines that must not stand in a node's log.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/verdict.h"

namespace sunder {

/// Compiled patterns. Copies share them.
class LogPatterns {
 public:
  /// POSIX extended regular expressions. The error names the pattern that is none, and why.
  static Result<LogPatterns> compile(const std::vector<std::string>& patterns);

  /// Looks through every *.log below a folder, line by line. `invalid` with an anomaly
  /// `log-pattern` for each of the first hits: {file, line, text, pattern}. Without any log there
  /// was nothing to look at: `unknown`.
  Verdict look_into(const std::filesystem::path& folder) const;

 private:
  struct Pattern;
  std::shared_ptr<const std::vector<Pattern>> patterns_;
};

}  // namespace sunder
