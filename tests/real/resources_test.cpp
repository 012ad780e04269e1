// Labs whose nodes run out of something: effect and end of every such fault, with their proofs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "harness/faultkit/control_group.h"
#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

// Groups of agents that are dead, anywhere: those of others who live may come and go meanwhile.
std::vector<std::string> groups_left() {
  std::vector<std::string> left;
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) return left;
  for (const auto& [controller, place] : *places) {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(place.folder, gone)) {
      std::string name = entry.path().filename();
      pid_t owner = 0;
      if (std::sscanf(name.c_str(), "sunder-%d-", &owner) != 1) continue;
      if (name != ControlGroup::name_for(owner)) left.push_back(entry.path());
    }
  }
  return left;
}

class LabResources : public TinyLabTest {
 protected:
  void SetUp() override {
    TinyLabTest::SetUp();
    if (IsSkipped()) return;
    if (lab_place()->rootless) GTEST_SKIP() << "control groups need root";
    if (auto groups = find_control_groups(); !groups) GTEST_SKIP() << groups.error().context;
    open(tiny_test(2, names_));
  }
  void TearDown() override {
    if (!lab_.is_open()) return;
    expect_ok(lab_.control(verb_verify_healed));
    lab_.end();
    // Another run that was killed may be cleaned up at this very moment.
    for (int i = 0; i < 100 && !groups_left().empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(groups_left(), std::vector<std::string>{});
  }

  Op fault(const std::string& nemesis, std::string_view verb, Value value = {}) {
    auto found = std::find(names_.begin(), names_.end(), nemesis);
    return lab_.fault(static_cast<int>(found - names_.begin()), verb, std::move(value));
  }
  Op begin(const std::string& name, std::int64_t amount) {
    Map map;
    map["targets"] = "n2";
    map["amount"] = amount;
    return fault(name, "exhaust-" + name, std::move(map));
  }
  Op end(const std::string& name) { return fault(name, "restore-" + name); }
  static const Value& measured(const Op& op) {
    return *op.value.find("evidence")->find("measured")->find("n2");
  }
  // Begins and ends it, each with proof. The evidence on n2 while it was on.
  Value story(const std::string& name, std::int64_t amount) {
    Op begun = begin(name, amount);
    expect_ok(begun);
    Op ended = end(name);
    expect_ok(ended);
    return begun.phase == Phase::ok ? measured(begun) : Value();
  }

  const std::vector<std::string> names_{"cpu",       "memory", "pids",  "descriptors",
                                        "slow-disk", "ports",  "pause", "kill"};
};

TEST_F(LabResources, ANodeUsesItsQuotaOfProcessorTimeToATenth) {
  Value seen = story("cpu", 10);
  std::int64_t used = seen.find("used")->integer() - seen.find("used_before")->integer();
  std::int64_t quota = seen.find("window_ns")->integer() / 10;
  EXPECT_GE(10 * used, 9 * quota);
  EXPECT_LE(10 * used, 11 * quota);
}

TEST_F(LabResources, MemoryThatRunsOutKillsTheNodeWhichStartsAgain) {
  Value seen = story("memory", 4 << 20);
  EXPECT_GE(seen.find("refused")->integer(), 1) << "kills for want of memory";
  expect_ok(lab_.client(0, "write", Value::pair(1, 10)));
}

TEST_F(LabResources, AForkInsideFailsForWantOfPids) {
  EXPECT_EQ(story("pids", 0).find("refusal")->text(), "fork: Resource temporarily unavailable");
}

TEST_F(LabResources, ConnectionsAreNotTakenForWantOfDescriptors) {
  EXPECT_GT(story("descriptors", 0).find("refused")->integer(), 0);
}

TEST_F(LabResources, WritesToASlowDiskAreSlow) {
  Op begun = begin("slow-disk", 65536);
  if (begun.error.find("lies on no disk") != std::string::npos) GTEST_SKIP() << begun.error;
  expect_ok(begun);
  Op ended = end("slow-disk");
  EXPECT_EQ(ended.phase, Phase::ok) << ended.error;
  EXPECT_GT(measured(ended).find("used")->integer(), 2 * 65536) << "as fast as before";
}

TEST_F(LabResources, ConnectionsCannotBeMadeForWantOfPorts) {
  EXPECT_EQ(story("ports", 0).find("refusal")->text(), "connect: Cannot assign requested address");
}

TEST_F(LabResources, TheFreezerPausesANodeThatCanStillBeKilled) {
  Map by;
  by["targets"] = "n2";
  by["by"] = "freezer";
  Op paused = fault("pause", "pause", by);
  EXPECT_EQ(paused.phase, Phase::ok) << paused.error;
  EXPECT_EQ(paused.value.find("evidence")->find("processes")->find("n2")->text(), "paused");
  expect_ok(fault("pause", "resume"));
  expect_ok(fault("pause", "pause", by));
  Map whom;
  whom["targets"] = "n2";
  expect_ok(fault("kill", "kill", whom));
  expect_ok(fault("kill", "start"));
}

TEST_F(LabResources, ANodeThatIsDeadAlreadyIsNotStruck) {
  Map both;
  both["targets"] = "all";
  expect_ok(fault("kill", "kill", both));
  for (const char* name : {"cpu", "memory", "pids", "descriptors", "slow-disk", "ports"}) {
    EXPECT_EQ(begin(name, 10).phase, Phase::fail) << name;
  }
  expect_ok(fault("kill", "start"));
}

}  // namespace
}  // namespace sunder
