#include "tests/real/support/lab_place.h"

#include <sys/stat.h>

#include <cstdlib>

namespace sunder {

const Result<LabSpace>& lab_place() {
  static const Result<LabSpace> place = enter_lab_namespaces();
  return place;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sunder-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
  ::chmod(path_.c_str(), 0755);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LabOptions lab_options(const std::filesystem::path& folder, const LabSpace& space) {
  LabOptions options;
  options.space = space;
  options.run_folder = folder;
  options.agent_binary = std::filesystem::path(SUNDER_BINARY_DIR) / "sunder-agent";
  options.node_binary = std::filesystem::path(SUNDER_BINARY_DIR) / "test_real";  // this program
  return options;
}

std::uint64_t MemoryJournal::will(const Value& act) {
  open_.emplace(++last_, act);
  return last_;
}

}  // namespace sunder
