// The resolver of a node's names: its messages, and what programs in the node's place are told.

#include "harness/agent/resolver.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "harness/real/lab/agent_link.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(5);

TEST(DnsMessage, OfAQuestionAndItsAnswerIsRead) {
  std::string bytes = dns_question(77, "N3.example");
  auto question = dns_question_in(bytes);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->id, 77);
  EXPECT_EQ(question->name, "n3.example");
  EXPECT_TRUE(question->of_address4);
  EXPECT_FALSE(dns_answer_in(bytes)) << "a question is no answer";
  auto answer = dns_answer_in(dns_message(*question, {.id = 77, .address = "10.77.0.3"}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, 77);
  EXPECT_EQ(answer->address, "10.77.0.3");
  auto none = dns_answer_in(dns_message(*question, {.id = 77, .no_such_name = true}));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->no_such_name);
}

TEST(DnsMessage, TornAnywhereIsNone) {
  std::string question = dns_question(1, "n1");
  std::string answer = dns_message(*dns_question_in(question), {.id = 1, .address = "10.77.0.1"});
  for (std::size_t size = 0; size < question.size(); ++size) {
    EXPECT_FALSE(dns_question_in(question.substr(0, size))) << size;
  }
  for (std::size_t size = 0; size < answer.size(); ++size) {
    EXPECT_FALSE(dns_answer_in(answer.substr(0, size))) << size;
  }
  question[12] = static_cast<char>(0xc0);  // a name that points elsewhere
  EXPECT_FALSE(dns_question_in(question));
}

class ResolverTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    auto started = AgentLink::start(std::filesystem::path(SUNDER_BINARY_DIR) / "sunder-agent");
    ASSERT_TRUE(started) << started.error().context;
    agent_ = *std::move(started);
    Map tree;
    tree["do"] = "tree";
    tree["name"] = "n1";
    tree["hosts"] = "127.0.0.1 localhost\n";
    tree["names"] = true;
    List binds;
    binds.emplace_back(List{Value(folder_.path().string()), Value("/tmp/node")});
    tree["binds"] = std::move(binds);
    ask(std::move(tree));
    Map network;
    network["do"] = "network";
    network["device"] = "tap";
    network["port"] = 1;
    network["ports"] = 3;
    network["controller"] = 254;
    network["names"] = true;
    auto made = agent_->call(std::move(network), limit);
    if (!made) GTEST_SKIP() << made.error().context;
    wire_ = std::move(made->attached);
  }
  Value ask(Map request) {
    auto reply = agent_->call(std::move(request), limit);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
    return reply ? reply->fields : Value();
  }
  void bend(const char* manner, Duration delay = {}) {
    Map request;
    request["do"] = "bend-names";
    request["manner"] = manner;
    request["delay_ns"] = std::int64_t{delay.count()};
    ask(std::move(request));
  }
  /// What getaddrinfo() tells a program of the node about a name; "" for nothing.
  std::string look_up(const std::string& name) {
    std::filesystem::remove(folder_.path() / "log");
    Map request;
    request["do"] = "start";
    request["command"] = List{Value("getent"), Value("ahostsv4"), Value(name)};
    request["log"] = "/tmp/node/log";
    request["folder"] = "/tmp/node";
    ask(std::move(request));
    auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
      Map state;
      state["do"] = "state";
      Value now = ask(std::move(state));
      if (now.find("process")->text() == "stopped") break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    took_ = std::chrono::steady_clock::now() - begun;
    std::ifstream file(folder_.path() / "log");
    std::string address;
    file >> address;
    return address;
  }

  /// How long the agent itself waits for an answer about the third name: the shortest of three
  /// tries, as a busy machine may make any of them longer.
  double answered_within() {
    std::int64_t shortest = INT64_MAX;
    for (int i = 0; i < 3; ++i) {
      Map request;
      request["do"] = "ask-names";
      ask(request);
      std::this_thread::sleep_for(std::chrono::milliseconds(900));
      request["do"] = "heard-names";
      const List heard = ask(request).find("heard")->list();
      bool answered = heard.size() == 9 && heard[2].is_integer();
      EXPECT_TRUE(answered) << heard.size();
      if (answered) shortest = std::min(shortest, heard[2].integer());
    }
    return static_cast<double>(shortest);
  }

  TemporaryFolder folder_;
  std::unique_ptr<AgentLink> agent_;
  Descriptor wire_;
  std::chrono::steady_clock::duration took_{};
};

TEST_F(ResolverTest, ProgramsFindNodesByNameUnlessTheyAreToldWrong) {
  EXPECT_EQ(look_up("n2"), "10.77.0.2");
  EXPECT_EQ(look_up("n4"), "") << "there are three";
  EXPECT_EQ(look_up("localhost"), "127.0.0.1");
  bend("missing");
  EXPECT_EQ(look_up("n2"), "");
  bend("wrong");
  EXPECT_EQ(look_up("n2"), "10.77.0.3");
  EXPECT_EQ(look_up("n3"), "10.77.0.1");
  bend("slow", std::chrono::milliseconds(700));
  EXPECT_EQ(look_up("n2"), "10.77.0.2");
  EXPECT_GE(took_, std::chrono::milliseconds(700));
  EXPECT_NEAR(answered_within(), 700e6, 70e6) << "within 10 %";
  bend("right");
  EXPECT_EQ(look_up("n2"), "10.77.0.2");
  EXPECT_LT(took_, std::chrono::milliseconds(700));
}

TEST_F(ResolverTest, CountsWhatOthersAskAndAnswersInTheNodesPlace) {
  bend("wrong");
  look_up("n2");
  Map request;
  request["do"] = "ask-names";
  ask(request);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  request["do"] = "heard-names";
  Value heard = ask(request);
  EXPECT_GE(heard.find("asked")->integer(), 1);
  ASSERT_EQ(heard.find("heard")->list().size(), 9u);
  EXPECT_EQ(heard.find("heard")->list()[1].text(), "10.77.0.2");
}

TEST_F(ResolverTest, IsRightAgainWhenNobodyRenewsTheLease) {
  bend("missing");
  Map lease;
  lease["do"] = "lease";
  lease["milliseconds"] = 100;
  ask(std::move(lease));
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_EQ(look_up("n2"), "10.77.0.2");
}

}  // namespace
}  // namespace sunder
