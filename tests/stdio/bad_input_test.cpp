// What one node makes of input that is not as it should be.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/cli/support/command.h"
#include "tests/stdio/support/maelstrom.h"

namespace sunder::stdio {
namespace {

const std::string init =
    R"({"src":"c1","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}})"
    "\n";

struct Case {
  const char* name;
  std::string line;      // after an init, unless it is one itself
  std::string complaint; // on standard error; empty: the reply says it
  std::int64_t code;     // of the reply; -1: there is none
  std::string text;      // in the reply
};

std::string body(const std::string& fields) {
  return R"({"src":"c1","dest":"n1","body":{)" + fields + "}}";
}

class BadInput : public testing::TestWithParam<Case> {};

TEST_P(BadInput, GetsOneClearErrorAndTheNodeGoesOn) {
  NodeProcess node({"--system", "single", "--stdio"});
  node.write(init + GetParam().line + "\n" + body(R"("type":"echo","msg_id":99,"echo":1)"));
  node.end_input();  // the last line is not ended
  std::vector<std::string> lines = node.rest();
  EXPECT_EQ(node.wait(), 0);
  ASSERT_EQ(lines.size(), GetParam().code < 0 ? 2u : 3u) << testing::PrintToString(lines);
  EXPECT_EQ(type_of(parse_letter(lines.front())->body), "init_ok");
  EXPECT_EQ(type_of(parse_letter(lines.back())->body), "echo_ok");
  if (GetParam().code >= 0) {
    Value reply = parse_letter(lines[1])->body;
    EXPECT_EQ(code_of(reply), GetParam().code) << lines[1];
    EXPECT_NE(lines[1].find(GetParam().text), std::string::npos) << lines[1];
  }
  std::string complaints = node.complaints();
  EXPECT_NE(complaints.find(GetParam().complaint), std::string::npos) << complaints;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadInput,
    testing::Values(
        Case{"no_json", "nonsense", "not JSON", -1, ""},
        Case{"deep", std::string(100'000, '['), "200 levels", -1, ""},
        Case{"no_object", "[1,2]", "a message is an object with src and dest", -1, ""},
        Case{"no_body", R"({"src":"c1","dest":"n1"})", "and a body", -1, ""},
        Case{"too_long", std::string(9 << 20, 'x'), "more than 8 MiB", -1, ""},
        Case{"somebody_else", R"({"src":"c1","dest":"n2","body":{"type":"read","msg_id":2}})",
             "ignored a message to 'n2'", -1, ""},
        Case{"an_answer", body(R"("type":"read_ok","in_reply_to":2,"msg_id":2)"),
             "ignored an answer", -1, ""},
        Case{"an_error", body(R"("type":"error","code":11,"msg_id":2)"), "ignored an answer", -1,
             ""},
        Case{"no_id", body(R"("type":"read","key":1)"), "", 12, "integer msg_id"},
        Case{"odd_id", body(R"("type":"read","key":1,"msg_id":"x")"), "", 12, "integer msg_id"},
        Case{"no_type", body(R"("msg_id":2)"), "", 10, "speaks lin-kv"},
        Case{"unknown_type", body(R"("type":"frobnicate","msg_id":2)"), "", 10, "'frobnicate'"},
        Case{"other_workload", body(R"("type":"add","delta":1,"msg_id":2)"), "", 10, "--workload"},
        Case{"no_key", body(R"("type":"read","msg_id":2)"), "", 12, "no 'key'"},
        Case{"text_value", body(R"("type":"write","key":1,"value":"x","msg_id":2)"), "", 10,
             "64-bit integers only"},
        Case{"large_value",
             body(R"("type":"write","key":1,"value":9223372036854775808,"msg_id":2)"), "", 10,
             "64-bit integers only"},
        Case{"second_init",
             body(R"("type":"init","msg_id":2,"node_id":"n1","node_ids":["n1","n2"])"), "", 12,
             "another init"},
        Case{"odd_init", body(R"("type":"init","msg_id":2,"node_id":1,"node_ids":["n1"])"), "", 12,
             "text node_id"},
        Case{"foreign_init", body(R"("type":"init","msg_id":2,"node_id":"n1","node_ids":["n2"])"),
             "", 12, "lacks node_id"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Peers, ThatTalkNonsenseAreIgnored) {
  NodeProcess node({"--system", "single", "--stdio"});
  std::string two = R"({"src":"c1","dest":"n1","body":)"
                    R"({"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1","n2"]}})";
  node.write(two + "\n");
  for (const char* nonsense :
       {R"({"type":"kv_request"})", R"({"type":"unheard_of"})", "{}", R"({"type":"sunder_client"})",
        R"({"type":"sunder_client","client":"n2","message":{}})",
        R"({"type":"sunder_client","client":"c2","message":{"type":"kv_reply"}})",
        R"({"type":"sunder_client","client":"c1","message":{"type":"kv_request"}})"}) {
    node.write(R"({"src":"n2","dest":"n1","body":)" + std::string(nonsense) + "}\n");
  }
  node.write(body(R"("type":"echo","msg_id":99,"echo":1)") + "\n");
  node.end_input();
  EXPECT_EQ(node.rest().size(), 2u);
  EXPECT_EQ(node.wait(), 0);
  std::string complaints = node.complaints();
  std::size_t ignored = 0;
  for (std::size_t at = 0; (at = complaints.find("ignored", at)) != std::string::npos; ++at) {
    ++ignored;
  }
  EXPECT_EQ(ignored, 7u) << complaints;
}

TEST(Starting, WaitsForAnInitAndRefusesWhatItCannotDo) {
  NodeProcess node({"--system", "single", "--stdio"});
  node.write(body(R"("type":"read","msg_id":1,"key":1)") + "\n");
  node.write(body(R"("type":"init","msg_id":2,"node_id":"n1","node_ids":)"
                  R"(["n1","a","b","c","d","e","f","g","h","i"])") +
             "\n");
  node.end_input();
  std::vector<std::string> lines = node.rest();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(code_of(parse_letter(lines[0])->body), 11);
  EXPECT_EQ(code_of(parse_letter(lines[1])->body), 10) << lines[1];
  EXPECT_EQ(node.wait(), 0);
}

TEST(Stopping, ATerminatedNodeLeavesCleanly) {
  NodeProcess node({"--system", "raft", "--stdio"});
  node.write(init);
  EXPECT_EQ(node.take_lines(std::chrono::seconds(10)).size(), 1u);
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(), 0);
}

TEST(Stopping, RequestsUnderWayAtTheEndOfInputAreAnswered) {
  ScratchFolder data;
  NodeProcess node({"--system", "single", "--stdio", "--data", data.path()});
  node.write(init + body(R"("type":"write","msg_id":2,"key":1,"value":7)"));
  node.end_input();
  std::vector<std::string> lines = node.rest();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(type_of(parse_letter(lines[1])->body), "write_ok");
  EXPECT_EQ(node.wait(), 0);
}

TEST(CommandLine, OfStdioIsCheckedBeforeAnythingStarts) {
  auto refusal = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), built("sunder-node"));
    CommandResult result = run_program(arguments, ".");
    EXPECT_EQ(result.exit_code, 64);
    return result.err;
  };
  EXPECT_NE(refusal({"--system", "abd", "--stdio", "--workload", "g-set"}).find("but: lin-kv"),
            std::string::npos);
  EXPECT_NE(refusal({"--system", "abd", "--stdio", "--self", "n1"}).find("excludes"),
            std::string::npos);
  EXPECT_NE(refusal({"--system", "abd", "--workload", "lin-kv"}).find("requires"),
            std::string::npos);
  EXPECT_NE(refusal({"--system", "abd"}).find("--self, --peers and --data"), std::string::npos);
  EXPECT_NE(refusal({"--system", "abd", "--stdio", "--op-timeout", "soon"}).find("--op-timeout"),
            std::string::npos);
  EXPECT_NE(refusal({"--system", "abd", "--stdio", "--flaw", "nil"}).find("no flaw"),
            std::string::npos);
}

}  // namespace
}  // namespace sunder::stdio
