// What a host's agent makes scarce ends with its lease, with its controller and with itself.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>

#include "harness/faultkit/control_group.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/process.h"
#include "tests/agent/support/host_agent.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream text(file);
  std::string line;
  std::getline(text, line);
  return line;
}

/// Whether a group of that name is among any controller's.
bool stands(const std::string& group) {
  Result<ControlGroupPlaces> places = find_control_groups();
  return places && std::any_of(places->begin(), places->end(), [&](const auto& place) {
    return fs::exists(place.second.folder / group);
  });
}

std::string ports() { return first_line("/proc/sys/net/ipv4/ip_local_port_range"); }

class HostResources : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << lab_place().error().context;
    if (lab_place()->rootless) GTEST_SKIP() << "control groups need root";
    if (auto places = find_control_groups(); !places) GTEST_SKIP() << places.error().context;
    ASSERT_TRUE(bring_up("lo"));
    ports_ = ports();
    ASSERT_EQ(agent_.start(1), "");
    Map wanted;
    wanted["groups"] = true;
    ASSERT_EQ(agent_.run_a_node(std::move(wanted)), "");
    group_ = ControlGroup::name_for(agent_.pid());
    ASSERT_TRUE(stands(group_));
  }
  std::string limit(const char* resource, std::int64_t amount) {
    Map request;
    request["do"] = "limit";
    request["resource"] = resource;
    request["amount"] = amount;
    request["data"] = agent_.folder().string();
    Value reply = agent_.ask(std::move(request));
    const Value* error = reply.find("error");
    return error != nullptr ? error->text() : "";
  }
  void break_much() {
    EXPECT_EQ(limit("cpu", 10), "");
    EXPECT_EQ(limit("pids", 0), "");
    EXPECT_EQ(limit("memory", 64 << 20), "");
    EXPECT_EQ(limit("ports", 0), "");
    Map freeze;
    freeze["do"] = "signal";
    freeze["signal"] = "freeze";
    EXPECT_EQ(agent_.ask(std::move(freeze)).find("process")->text(), "paused");
    EXPECT_NE(ports(), ports_);
  }
  Value state() {
    Map request;
    request["do"] = "state";
    return agent_.ask(std::move(request));
  }
  bool all_is_undone() {
    return soon([&] { return !stands(group_) && ports() == ports_; }) &&
           soon([&] { return !process_info(agent_.node()); });
  }

  HostAgent agent_;
  std::string group_;  // of the agent
  std::string ports_;  // before
};

TEST_F(HostResources, ALeaseThatRunsOutLiftsThemAll) {
  agent_.lease(60'000);
  break_much();
  agent_.lease(1);
  EXPECT_TRUE(soon([&] { return state().find("limited") == nullptr; }));
  EXPECT_EQ(state().find("process")->text(), "running");
  EXPECT_EQ(ports(), ports_);
}

TEST_F(HostResources, WithoutALeaseNothingIsMadeScarce) {
  agent_.lease(1);
  EXPECT_TRUE(soon([&] { return limit("cpu", 10).find("no lease") != std::string::npos; }));
}

TEST_F(HostResources, AnAgentThatIsForgottenLeavesNothing) {
  agent_.lease(60'000);
  break_much();
  agent_.lease(1);
  EXPECT_TRUE(all_is_undone());
  EXPECT_TRUE(soon([&] { return agent_.gone(); }));
}

TEST_F(HostResources, TheWatchdogOfAKilledAgentLeavesNothing) {
  agent_.lease(60'000);
  break_much();
  ASSERT_EQ(::kill(agent_.pid(), SIGKILL), 0);
  EXPECT_TRUE(all_is_undone());
}

TEST_F(HostResources, TheNextAgentUndoesWhatBothHaveLeft) {
  agent_.lease(60'000);
  break_much();
  pid_t agent = agent_.pid();
  ASSERT_EQ(::kill(agent_.watchdog(), SIGKILL), 0);
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  ASSERT_TRUE(soon([&] { return agent_.gone(); }));
  EXPECT_TRUE(stands(group_));
  EXPECT_NE(ports(), ports_);
  ASSERT_EQ(agent_.start(1), "");
  EXPECT_TRUE(all_is_undone());
}

TEST_F(HostResources, AnotherRunThatNeedsNoGroupHasNone) {
  Map settle;
  settle["do"] = "settle";
  settle["node"] = 1;
  settle["addresses"] = List{"127.0.0.1"};
  (void)agent_.ask(std::move(settle));
  EXPECT_TRUE(soon([&] { return !stands(group_); }));
}

}  // namespace
}  // namespace sunder
