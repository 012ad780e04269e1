// What an agent's death leaves of limits and frozen processes: nothing.

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "harness/faultkit/control_group.h"
#include "harness/faultkit/family.h"
#include "harness/real/lab/agent_link.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(5);

class AgentWithLimits : public testing::Test {
 protected:
  void SetUp() override {
    const Result<LabSpace>& place = lab_place();
    if (!place) GTEST_SKIP() << place.error().context;
    if (place->rootless) GTEST_SKIP() << "control groups need root";
    places_ = find_control_groups();
    if (!*places_) GTEST_SKIP() << places_->error().context;
    auto started =
        AgentLink::start(std::filesystem::path(SUNDER_BINARY_DIR) / "sunder-agent", true);
    ASSERT_TRUE(started) << started.error().context;
    agent_ = *std::move(started);
    name_ = ControlGroup::name_for(agent_->pid());
    Map start;
    start["do"] = "start";
    start["command"] = List{Value("sleep"), Value("60")};
    start["log"] = (folder_.path() / "log").string();
    start["folder"] = "/";
    Map environment;
    environment["PATH"] = "/usr/bin:/bin";
    start["environment"] = std::move(environment);
    ask(std::move(start));
    ASSERT_TRUE(stands());
  }
  Value ask(Map request) {
    auto reply = agent_->call(std::move(request), limit);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
    return reply ? reply->fields : Value();
  }
  void impose(const char* resource, std::int64_t amount) {
    Map request;
    request["do"] = "limit";
    request["resource"] = resource;
    request["amount"] = amount;
    request["data"] = folder_.path().string();
    ask(std::move(request));
  }
  void freeze() {
    Map request;
    request["do"] = "signal";
    request["signal"] = "freeze";
    EXPECT_EQ(ask(std::move(request)).find("process")->text(), "paused");
  }
  bool stands() const {
    return std::any_of((*places_)->begin(), (*places_)->end(), [&](const auto& place) {
      return std::filesystem::exists(place.second.folder / name_);
    });
  }
  bool is_gone_soon() const {
    for (int i = 0; i < 500; ++i) {
      if (!stands()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TemporaryFolder folder_;
  std::optional<Result<ControlGroupPlaces>> places_;
  std::unique_ptr<AgentLink> agent_;
  std::string name_;
};

// Of the agent's processes: the keeper of its group, or the first of the others.
pid_t named(pid_t agent, const std::string& name) {
  std::vector<pid_t> family = family_of(agent);
  std::sort(family.begin(), family.end());
  for (pid_t pid : family) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string its;
    if (file >> its && its == name) return pid;
  }
  return 0;
}

TEST_F(AgentWithLimits, NothingIsLeftWhenTheInnerOneIsKilled) {
  impose("cpu", 10);
  impose("pids", 0);
  freeze();
  pid_t inner = named(agent_->pid(), "sunder-agent");
  ASSERT_GT(inner, 0);
  ::kill(inner, SIGKILL);
  EXPECT_TRUE(is_gone_soon());
}

TEST_F(AgentWithLimits, TheAgentEndsWhenTheKeeperOfItsGroupIsKilled) {
  impose("cpu", 10);
  freeze();
  pid_t keeper = named(agent_->pid(), "sunder-keeper");
  ASSERT_GT(keeper, 0);
  ::kill(keeper, SIGKILL);
  EXPECT_TRUE(is_gone_soon());
}

TEST_F(AgentWithLimits, NothingIsLeftWhenTheOuterOneIsKilled) {
  impose("memory", 64 << 20);
  freeze();
  ::kill(agent_->pid(), SIGKILL);
  EXPECT_TRUE(is_gone_soon());
}

TEST_F(AgentWithLimits, ALeaseThatRunsOutLiftsThemAll) {
  Map lease;
  lease["do"] = "lease";
  lease["milliseconds"] = 300;
  ask(lease);
  impose("cpu", 10);
  impose("ports", 0);
  freeze();
  Map state;
  state["do"] = "state";
  EXPECT_EQ(ask(state).find("limited")->list().size(), 2u);
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  Value after = ask(state);
  EXPECT_EQ(after.find("limited"), nullptr);
  EXPECT_EQ(after.find("process")->text(), "running");
  EXPECT_EQ(after.find("leases_run_out")->integer(), 1);
}

TEST_F(AgentWithLimits, WhatItCannotLimitIsRefused) {
  Map request;
  request["do"] = "limit";
  request["resource"] = "love";
  auto reply = agent_->call(request, limit);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().context.find("cpu, descriptors"), std::string::npos);
}

}  // namespace
}  // namespace sunder
