#include "tests/cli/support/command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "harness/core/assert.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace fs = std::filesystem;

CommandResult run_program(const std::vector<std::string>& arguments, const fs::path& folder,
                          const std::vector<std::string>& environment) {
  ScratchFolder capture;
  std::string out = capture.path() / "out";
  std::string err = capture.path() / "err";
  pid_t child = ::fork();
  ASSERT(child >= 0);
  if (child == 0) {
    for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0644), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0644), STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return CommandResult{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       *read_whole_file(out), *read_whole_file(err)};
}

std::string built(const std::string& program) { return SUNDER_BINARY_DIR "/" + program; }

ScratchFolder::ScratchFolder() {
  std::string pattern = fs::temp_directory_path() / "sunder-test-XXXXXX";
  ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void ScratchFolder::write(const std::string& file, const std::string& content) const {
  std::ofstream(path_ / file, std::ios::binary) << content;
}

}  // namespace sunder
