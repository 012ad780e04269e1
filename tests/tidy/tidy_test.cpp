// Reads every source of the project and holds it to the rules in support/rules.cpp.

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tidy/support/tidy.h"

namespace sunder::tidy {
namespace {

namespace fs = std::filesystem;

/// Ours, and written by hand: not built, not downloaded, not recorded.
bool is_ours(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.starts_with(".") && !name.starts_with("build") && name != "node_modules" &&
         name != "testdata" && name != "store";
}

bool is_source(const fs::path& file) {
  const std::string kind = file.extension().string();
  return kind == ".cpp" || kind == ".h" || kind == ".cmake" || kind == ".sh" || kind == ".ts" ||
         kind == ".css" || file.filename() == "CMakeLists.txt";
}

void collect(const fs::path& root, const fs::path& folder, std::vector<Source>& sources) {
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    if (fs::is_directory(entry)) {
      if (is_ours(entry)) collect(root, entry, sources);
    } else if (is_source(entry)) {
      std::ifstream file(entry);
      sources.push_back(
          {fs::relative(entry, root).generic_string(), {std::istreambuf_iterator<char>(file), {}}});
    }
  }
}

const std::vector<Source>& project() {
  static const std::vector<Source> sources = [] {
    std::vector<Source> found;
    collect(SUNDER_SOURCE_DIR, SUNDER_SOURCE_DIR, found);
    return found;
  }();
  return sources;
}

std::string all_of(const std::vector<Complaint>& complaints) {
  std::string text;
  for (const Complaint& complaint : complaints) text += to_string(complaint) + "\n";
  return text;
}

template <class Check>
std::string over_project(Check check_one) {
  std::string text;
  for (const Source& source : project()) text += all_of(check_one(source));
  return text;
}

TEST(Tidy, TheProjectIsFound) {
  std::size_t headers = 0;
  for (const Source& source : project()) headers += source.path.ends_with(".h") ? 1 : 0;
  EXPECT_GT(project().size(), 60u);
  EXPECT_GT(headers, 30u);
}

TEST(Tidy, EverySourceKeepsTheRules) { EXPECT_EQ(over_project(check), ""); }

TEST(Tidy, LongFilesAreNamed) {
  for (const Source& source : project()) {
    const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
    if (source.path.ends_with(".cpp") && lines > lines_soft) {
      std::printf("over the soft limit: %s, %d lines\n", source.path.c_str(),
                  static_cast<int>(lines));
    }
  }
}

TEST(Tidy, EveryFileThatARuleNamesExists) {
  std::set<std::string> missing;
  auto look = [&](std::string_view path) {
    const bool is_file = path.ends_with(".cpp") || path.ends_with(".h");
    if (is_file && !path.starts_with("catalogue/") &&
        !fs::exists(fs::path(SUNDER_SOURCE_DIR) / path)) {
      missing.insert(std::string(path));
    }
  };
  for (const IncludeRule& rule : include_rules()) {
    look(rule.folder);
    for (std::string_view path : rule.may_include) look(path);
  }
  for (const HeavyHeader& header : heavy_headers()) {
    for (std::string_view path : header.allowed) look(path);
  }
  for (const Ban& ban : bans()) {
    for (std::string_view path : ban.allowed) look(path);
  }
  for (std::string_view path : allowed_globals()) look(path);
  EXPECT_EQ(missing, std::set<std::string>{}) << "an exception for a file that is gone";
}

}  // namespace
}  // namespace sunder::tidy
