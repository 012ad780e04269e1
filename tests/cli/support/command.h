#pragma once
// Runs the real executables as a user would, and keeps what they said.

#include <filesystem>
#include <string>
#include <vector>

namespace sunder {

struct CommandResult {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// Runs `arguments` (the program first) in `folder`, with extra "NAME=VALUE" environment entries.
CommandResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& folder,
                          const std::vector<std::string>& environment = {});

/// The built controller, and its siblings.
std::string built(const std::string& program);

/// A fresh folder that is removed with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace sunder
