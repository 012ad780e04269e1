// The names that a host's node looks up: answered by the agent, for the node alone.

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "harness/core/json.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/process.h"
#include "harness/faultkit/tool.h"
#include "tests/agent/support/host_agent.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class HostNames : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << lab_place().error().context;
    if (lab_place()->rootless) GTEST_SKIP() << "an agent on a host is root";
    for (const char* file : {"/etc/resolv.conf", "/etc/nsswitch.conf"}) {
      if (!fs::exists(file)) GTEST_SKIP() << "there is no " << file;
    }
    ASSERT_TRUE(bring_up("lo"));
    before_ = text_of("/etc/resolv.conf") + text_of("/etc/hosts") + text_of("/etc/nsswitch.conf");
    ASSERT_EQ(agent_.start(1), "");
    Map wanted;
    wanted["names"] = true;
    ASSERT_EQ(agent_.run_a_node(std::move(wanted)), "");
    agent_.lease(60'000);
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_EQ(text_of("/etc/resolv.conf") + text_of("/etc/hosts") + text_of("/etc/nsswitch.conf"),
              before_);
  }
  std::string seen(const std::string& file) const {
    return text_of("/proc/" + std::to_string(agent_.node()) + "/root/etc/" + file);
  }
  std::string bend(const char* manner) {
    Map request;
    request["do"] = "bend-names";
    request["manner"] = manner;
    Value reply = agent_.ask(std::move(request));
    const Value* error = reply.find("error");
    return error != nullptr ? error->text() : "";
  }
  /// What is heard of n1: its address, "none" that there is no such name.
  std::string heard() {
    Map request;
    request["do"] = "ask-names";
    (void)agent_.ask(request);
    request["do"] = "heard-names";
    std::string address;
    bool answered = soon([&] {
      Value reply = agent_.ask(request);
      const Value* all = reply.find("heard");
      if (all == nullptr || all->list().size() < 3) return false;
      address = all->list()[1].text();
      return true;
    });
    return !answered ? "nothing" : address.empty() ? "none" : address;
  }
  /// What a program in the node's place finds out: getent's first word.
  std::string looked_up() const {
    auto said = run_tool({"nsenter", "--target", std::to_string(agent_.node()), "--mount",
                          "getent", "hosts", "n1"},
                         "", std::chrono::seconds(20));
    return said ? said->substr(0, said->find(' ')) : "none";
  }

  HostAgent agent_;
  std::string before_;
};

TEST_F(HostNames, AreLookedUpAtTheAgentByTheNodeAlone) {
  EXPECT_EQ(seen("resolv.conf"), "nameserver 127.53.53.53\n");
  EXPECT_EQ(heard(), "127.0.0.1");
  EXPECT_EQ(looked_up(), "127.0.0.1");
  EXPECT_EQ(bend("missing"), "");
  EXPECT_EQ(heard(), "none");
  EXPECT_EQ(looked_up(), "none");
  EXPECT_EQ(bend("right"), "");
  EXPECT_EQ(looked_up(), "127.0.0.1");
}

TEST_F(HostNames, AreRightAgainWhenTheLeaseRunsOut) {
  EXPECT_EQ(bend("missing"), "");
  agent_.lease(1);
  EXPECT_TRUE(soon([&] { return heard() == "127.0.0.1"; }));
  EXPECT_NE(bend("missing").find("no lease"), std::string::npos);
}

TEST_F(HostNames, AreBentThoughTheHostPutItsOwnFileBack) {
  ASSERT_TRUE(run_tool({"nsenter", "--target", std::to_string(agent_.node()), "--mount", "umount",
                        "/etc/resolv.conf"},
                       "", std::chrono::seconds(20)));
  EXPECT_EQ(seen("resolv.conf"), text_of("/etc/resolv.conf"));
  EXPECT_EQ(bend("missing"), "");
  EXPECT_EQ(seen("resolv.conf"), "nameserver 127.53.53.53\n");
  EXPECT_EQ(looked_up(), "none");
}

TEST_F(HostNames, AreTheHostsOwnInARunThatNeedsNoOthers) {
  ASSERT_EQ(agent_.run_a_node({}), "");
  EXPECT_EQ(seen("resolv.conf"), text_of("/etc/resolv.conf"));
  EXPECT_EQ(seen("hosts"), text_of("/etc/hosts"));
  EXPECT_NE(bend("missing").find("asks no resolver"), std::string::npos);
}

TEST_F(HostNames, OfAKilledAgentAreNobodys) {
  ASSERT_EQ(::kill(agent_.pid(), SIGKILL), 0);
  EXPECT_TRUE(soon([&] { return !process_info(agent_.node()); }));
}

TEST_F(HostNames, OfNodesOnIPv6AreRefusedWithTheReason) {
  Map settle;
  settle["do"] = "settle";
  settle["node"] = 1;
  settle["addresses"] = List{"::1"};
  settle["names"] = true;
  Value reply = agent_.ask(std::move(settle));
  ASSERT_NE(reply.find("no_names"), nullptr) << to_json(reply);
  EXPECT_NE(reply.find("no_names")->text().find("IPv4"), std::string::npos);
}

}  // namespace
}  // namespace sunder
