// The rules themselves: each fires on what it forbids, and stays silent on what looks like it.

#include <gtest/gtest.h>

#include "tests/tidy/support/tidy.h"

namespace sunder::tidy {
namespace {

Source source(std::string path, std::string text) { return {std::move(path), std::move(text)}; }

std::string complaints(const Source& file) {
  std::string text;
  for (const Complaint& complaint : check(file)) text += to_string(complaint) + "\n";
  return text;
}

TEST(TidyRules, CommentsAndStringsAreNoCode) {
  EXPECT_EQ(code_of("a // b\nc"), "a     \nc");
  EXPECT_EQ(code_of("a /* b\nc */ d"), "a     \n     d");
  EXPECT_EQ(code_of("f(\"x\\\"y\", 'z')"), "f(\"    \", ' ')");
  EXPECT_EQ(code_of("n = 1'000 + k;"), "n = 1'000 + k;");
  EXPECT_EQ(code_of("s = R\"x(rand()\n)x\" + t;"), "s =           \n    + t;");
}

TEST(TidyRules, EveryBanFiresInEachOfItsFoldersAndHasAReplacement) {
  for (const Ban& ban : bans()) {
    EXPECT_FALSE(ban.instead.empty()) << ban.word;
    for (std::string_view folder : ban.where) {
      const std::string path = std::string(folder) + "some/file.cpp";
      const std::string line = "  x = " + std::string(ban.word) + " y;\n";
      const std::vector<Complaint> found = check_bans(source(path, line));
      bool named = false;
      for (const Complaint& complaint : found) {
        named = named || complaint.what.find("'" + std::string(ban.word) + "'") == 0;
      }
      EXPECT_TRUE(named) << ban.word << " in " << path;
    }
    for (std::string_view path : ban.allowed) {
      const std::string line = "  x = " + std::string(ban.word) + " y;\n";
      for (const Complaint& complaint : check_bans(source(std::string(path), line))) {
        EXPECT_NE(complaint.what.find("'" + std::string(ban.word) + "'"), 0u) << path;
      }
    }
  }
}

TEST(TidyRules, BansLeaveLookalikesAlone) {
  for (const char* line :
       {"// std::thread and rand() in a comment", "log(\"system(x) popen(\");", "operand(x);",
        "cluster.system(x);", "call->system(x);", "Registry::system(x);", "snprintf(a, b);",
        "static_assert(x);", "  doubled = 1;", "  floating = 2;", "  std::hasher x;"}) {
    EXPECT_EQ(complaints(source("harness/sim/a.cpp", std::string(line) + "\n")), "") << line;
  }
  EXPECT_NE(complaints(source("harness/sim/a.cpp", "std::system(x);\n")), "");
  EXPECT_NE(complaints(source("harness/sim/a.cpp", "  ::system(x);\n")), "");
}

TEST(TidyRules, TheIncludeTableHolds) {
  struct Case {
    const char* path;
    const char* included;
    bool allowed;
  };
  const Case cases[] = {
      {"harness/core/a.cpp", "harness/core/b.h", true},
      {"harness/core/a.cpp", "harness/api/test.h", false},
      {"harness/api/a.h", "harness/sim/world.h", false},
      {"harness/sim/a.cpp", "harness/real/lab/world.h", false},
      {"harness/real/a.cpp", "harness/sim/world.h", false},
      {"harness/real/a.cpp", "nodes/raft/raft.h", false},
      {"harness/real/a.cpp", "catalogue/nodes.h", false},
      {"harness/real/node_main.cpp", "catalogue/nodes.h", true},
      {"nodes/raft.cpp", "nodes/raft/log.h", true},
      {"nodes/raft/log.cpp", "nodes/raft/log.h", true},
      {"nodes/raft/log.cpp", "nodes/single/state.h", false},
      {"nodes/single.cpp", "nodes/raft/log.h", false},
      {"nodes/raft.cpp", "harness/api/cluster.h", false},
      {"nodes/stores/etcd.cpp", "nodes/stores/http/http_client.h", true},
      {"nodes/stores/etcd.cpp", "harness/real/lab/world.h", false},
      {"nemesis/kill.cpp", "harness/api/cluster.h", true},
      {"nemesis/kill.cpp", "harness/sim/world.h", false},
      {"checker/linearizable.cpp", "workloads/register.h", false},
      {"workloads/register.cpp", "checker/cas_register.h", true},
      {"reports/build.cpp", "harness/run/run.h", false},
      {"harness/cli/main.cpp", "harness/sim/world.h", true},
      {"elsewhere/a.cpp", "harness/core/b.h", false},
  };
  for (const Case& one : cases) {
    const std::string line = std::string("#include \"") + one.included + "\"\n";
    EXPECT_EQ(check_includes(source(one.path, line)).empty(), one.allowed)
        << one.path << " includes " << one.included;
  }
  EXPECT_EQ(check_includes(source("harness/core/a.cpp", "// #include \"nodes/raft.h\"\n")).size(),
            0u);
}

TEST(TidyRules, EveryHeavyHeaderFiresOutsideItsFiles) {
  for (const HeavyHeader& header : heavy_headers()) {
    const std::string line = "#include <" + std::string(header.prefix) + "x.hpp>\n";
    EXPECT_EQ(check_includes(source("nemesis/kill.cpp", line)).size(), 1u) << header.prefix;
    EXPECT_EQ(check_includes(source("harness/core/some.h", line)).empty(), header.prefix == "fmt/")
        << header.prefix;
    for (std::string_view path : header.allowed) {
      EXPECT_EQ(check_includes(source(std::string(path), line)).size(), 0u) << path;
    }
  }
  EXPECT_EQ(check_includes(source("nemesis/kill.cpp", "#include <vector>\n")).size(), 0u);
}

TEST(TidyRules, MutableGlobalsAreSeenAndConstantsAreNot) {
  for (const char* line : {"int counter = 0;", "std::map<int, int> cache;", "static int calls = 0;",
                           "  static std::string last;", "  static int calls{0};",
                           "bool flag{false};", "thread_local int depth = 0;",
                           "inline int shared = 1;", "std::atomic<bool> stopped{false};"}) {
    const std::vector<Complaint> found =
        check_globals(source("harness/sim/a.cpp", std::string(line) + "\n"));
    EXPECT_EQ(found.size(), 1u) << line;
  }
  for (const char* line : {"constexpr int limit = 3;",
                           "inline constexpr Instant at_start{};",
                           "class Value;",
                           "struct MapEntry {",
                           "using List = std::vector<Value>;",
                           "  static const int limit = 3;",
                           "  static constexpr auto fields() {",
                           "  int local = 0;",
                           "static int helper(int x) {",
                           "  static Stream of(std::string_view purpose);",
                           "Value::Value() = default;",
                           "const char* const names[] = {",
                           "inline Map& Map::operator=(const Map& other) = default;",
                           "total = 3;",
                           "}  // namespace sunder",
                           "namespace fs = std::filesystem;",
                           "std::string to_string(Phase phase);",
                           "  static inline const char tag_of = 0;",
                           "template <class T> struct Typed;",
                           "enum class Phase : std::uint8_t { invoke };"}) {
    EXPECT_EQ(check_globals(source("harness/sim/a.cpp", std::string(line) + "\n")).size(), 0u)
        << line;
  }
}

TEST(TidyRules, LinesAndFilesHaveLimits) {
  const std::string wide(101, 'x');
  EXPECT_EQ(check_lines(source("a.sh", wide + "\n")).size(), 1u);
  EXPECT_EQ(check_lines(source("a.sh", wide.substr(1) + "\n")).size(), 0u);
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xc3\xa4";
  EXPECT_EQ(check_lines(source("a.ts", umlauts + "\n")).size(), 0u);
  EXPECT_EQ(check_lines(source("a.cpp", "x \n")).size(), 1u);
  EXPECT_EQ(check_lines(source("a.cpp", "\tx\n")).size(), 1u);
  EXPECT_EQ(check_lines(source("a.cpp", "x\r\n")).size(), 1u);
  EXPECT_EQ(check_lines(source("a.cpp", "x")).size(), 1u);
  std::string long_file;
  for (int i = 0; i < lines_max; ++i) long_file += "x\n";
  EXPECT_EQ(check_lines(source("a.cpp", long_file)).size(), 0u);
  EXPECT_EQ(check_lines(source("a.cpp", long_file + "x\n")).size(), 1u);
}

TEST(TidyRules, UnfinishedWorkIsSeenEvenInComments) {
  for (const std::string& word :
       {std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X"}) {
    EXPECT_EQ(check_lines(source("a.cpp", "// " + word + ": later\n")).size(), 1u) << word;
  }
  EXPECT_EQ(check_lines(source("a.cpp", "mkdtemp(\"name-XXXXXX\");\n")).size(), 0u);
}

TEST(TidyRules, HeadersBeginWithPragmaOnce) {
  EXPECT_EQ(check_header(source("a.h", "#pragma once\nint f();\n")).size(), 0u);
  EXPECT_EQ(check_header(source("a.h", "int f();\n")).size(), 1u);
  EXPECT_EQ(check_header(source("a.h", "#pragma once\nusing namespace other;\n")).size(), 1u);
}

}  // namespace
}  // namespace sunder::tidy
