// Raft scenarios as transcripts, in the manner of datadriven and etcd's interaction tests: a
// command, a rule, everything that happened. SUNDER_REWRITE=1 writes the files anew; review the
// difference.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/nodes/support/stage.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(SUNDER_SOURCE_DIR) / "tests/testdata/scenarios/raft";

std::vector<fs::path> scenarios() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The file with every output replaced by what happens now.
std::string played(const std::string& text, bool& broken) {
  testing_support::Stage stage;
  std::istringstream in(text);
  std::string out;
  bool skipping = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) skipping = false;
    if (skipping) continue;
    if (line.empty() || line.starts_with("#")) {
      out += line + "\n";
      continue;
    }
    if (line == "----") {
      skipping = true;
      continue;
    }
    out += line + "\n----\n" + stage.run(line);
  }
  broken = stage.broken();
  return out;
}

class Scenario : public testing::TestWithParam<fs::path> {};

TEST_P(Scenario, happens_as_written) {
  std::string text = read(GetParam());
  bool broken = false;
  std::string now = played(text, broken);
  if (const char* rewrite = std::getenv("SUNDER_REWRITE"); rewrite && *rewrite == '1') {
    std::ofstream(GetParam()) << now;
    return;
  }
  EXPECT_EQ(text, now);
  // A scenario without a flaw breaks no invariant, whatever a rewrite has put into the file.
  if (text.find(" flaw=") == text.npos) {
    EXPECT_FALSE(broken);
  }
}

std::string name_of(const testing::TestParamInfo<fs::path>& scenario) {
  std::string name = scenario.param.stem();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Raft, Scenario, testing::ValuesIn(scenarios()), name_of);

}  // namespace
}  // namespace sunder
