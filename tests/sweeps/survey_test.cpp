// The tables of the bundled systems: made, kept, and checked.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

CommandResult survey(const ScratchFolder& folder, std::vector<std::string> more) {
  std::vector<std::string> command{built("sunder"), "survey"};
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command, folder.path());
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The full tier runs all of it.
TEST(Survey, WhatTheRepositorySaysOfSomeSystemsIsTrue) {
  ScratchFolder folder;
  CommandResult result =
      survey(folder, {"raft", "abd", "mvr", "jupiter", "--check",
                      SUNDER_SOURCE_DIR "/nodes/README.md", "--tables", "notes,flaws,limits"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("notes: mvr | MVR | "), std::string::npos) << result.out;
}

TEST(Survey, KeepsTheRowsOfOtherSystems) {
  ScratchFolder folder;
  for (const char* system : {"single", "abd"}) {
    CommandResult result = survey(folder, {system, "--tables", "flaws,limits", "--seeds", "4",
                                           "--write", "table.md"});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  std::string table = read_file(folder.path() / "table.md");
  EXPECT_NE(table.find("| single | ack-before-sync | register | 1 |"), table.npos) << table;
  EXPECT_LT(table.find("| abd | read-without-write-back |"), table.find("| single | ack-before"));
  CommandResult same = survey(folder, {"single", "--tables", "flaws", "--check", "table.md"});
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
}

TEST(Survey, SeesThatATableIsWrong) {
  ScratchFolder folder;
  survey(folder, {"single", "--tables", "flaws", "--seeds", "3", "--write", "table.md"});
  std::string table = read_file(folder.path() / "table.md");
  std::size_t at = table.find("| nonlinearizable |");
  ASSERT_NE(at, table.npos) << table;
  folder.write("table.md", table.replace(at, 19, "| lost-update |"));
  CommandResult result = survey(folder, {"single", "--tables", "flaws", "--check", "table.md"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("table.md says something else"), std::string::npos) << result.out;
  CommandResult absent = survey(folder, {"single", "--tables", "flaws", "--check", "none.md"});
  EXPECT_EQ(absent.exit_code, 64) << absent.out << absent.err;
}

TEST(Survey, RefusesWhatItDoesNotKnow) {
  ScratchFolder folder;
  for (auto& [arguments, word] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"rafft"}, "raft"},
           {{"etcd"}, "no bundled system"},
           {{"raft", "--tables", "flawz"}, "flaws"},
           {{"raft", "--seeds", "0"}, "--seeds"},
           {{"raft", "--time-limit", "soon"}, "--time-limit"},
           {{"raft", "--check", "a", "--write", "b"}, "--check and --write"}}) {
    CommandResult result = survey(folder, arguments);
    EXPECT_EQ(result.exit_code, 64) << word;
    EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace sunder
