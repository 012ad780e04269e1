#pragma once
// The folder of one run: store/<system>-<workload>/<UTC time>/. Results appear whole or not at all.

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

/// Writes a file under a temporary name in the same folder and renames it. Errors name the file and
/// the cause.
Status write_whole_file(const std::filesystem::path& path, std::string_view content);
Result<std::string> read_whole_file(const std::filesystem::path& path);

class RunDirectory {
 public:
  /// Makes a new folder store/<name>/<UTC time> (with -2, -3 ... when two runs begin in the same
  /// millisecond) and points store/latest at it. Error (environment): the store cannot be written.
  static Result<RunDirectory> create(const std::filesystem::path& store, std::string_view name);

  const std::filesystem::path& path() const { return path_; }
  Status write(std::string_view file, std::string_view content) const;
  Status write_json(std::string_view file, const Value& value) const;

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace sunder
