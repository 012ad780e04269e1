// Labs whose nodes run out of something: effect and end of every such fault, with their proofs.

#include <gtest/gtest.h>

#include <algorithm>

#include "catalogue/nemesis.h"
#include "harness/faultkit/control_group.h"
#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

// What is left of groups of agents, anywhere.
std::vector<std::string> groups_left() {
  std::vector<std::string> left;
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) return left;
  for (const auto& [controller, place] : *places) {
    for (const auto& entry : fs::directory_iterator(place.folder)) {
      std::string name = entry.path().filename();
      if (name.starts_with("sunder-")) left.push_back(entry.path());
    }
  }
  return left;
}

class LabResources : public testing::Test {
 protected:
  void SetUp() override {
    const Result<LabSpace>& place = lab_place();
    if (!place) GTEST_SKIP() << place.error().context;
    if (place->rootless) GTEST_SKIP() << "control groups need root";
    if (auto groups = find_control_groups(); !groups) GTEST_SKIP() << groups.error().context;
    before_ = groups_left();
    Registry<Nemesis> all;
    add_all_nemesis(all);
    for (const char* name : names_) test_.nemeses.push_back(*all.find(name));
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 2;
    test_.concurrency = 2;
    test_.system = tiny_system();
    test_.op_timeout = std::chrono::seconds(1);
    test_.ready_timeout = std::chrono::seconds(20);
    auto created = LabWorld::create(test_, lab_options(folder_.path(), *place), journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
    ASSERT_EQ(perform(test_.control(), std::string(verb_await_ready)).phase, Phase::ok);
  }
  void TearDown() override {
    if (world_ == nullptr) return;
    Op healed = perform(test_.control(), std::string(verb_verify_healed));
    EXPECT_EQ(healed.phase, Phase::ok) << healed.error;
    world_.reset();
    EXPECT_EQ(groups_left(), before_);
  }

  Op perform(Process process, std::string verb, Value value = {}) {
    Op op;
    op.process = process;
    op.verb = std::move(verb);
    op.value = std::move(value);
    world_->dispatch(op);
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  Process process_of(const std::string& name) const {
    auto found = std::find(names_.begin(), names_.end(), name);
    return Process::nemesis(static_cast<std::int32_t>(found - names_.begin()));
  }
  Op begin(const std::string& name, std::int64_t amount) {
    Map map;
    map["targets"] = "n2";
    map["amount"] = amount;
    return perform(process_of(name), "exhaust-" + name, std::move(map));
  }
  Op end(const std::string& name) { return perform(process_of(name), "restore-" + name); }
  static const Value& measured(const Op& op) {
    return *op.value.find("evidence")->find("measured")->find("n2");
  }
  // Begins and ends it, each with proof. The evidence on n2 while it was on.
  Value story(const std::string& name, std::int64_t amount) {
    Op begun = begin(name, amount);
    EXPECT_EQ(begun.phase, Phase::ok) << begun.error << to_json(begun.value);
    Op ended = end(name);
    EXPECT_EQ(ended.phase, Phase::ok) << ended.error << to_json(ended.value);
    return begun.phase == Phase::ok ? measured(begun) : Value();
  }

  const std::array<const char*, 8> names_{"cpu",       "memory", "pids",  "descriptors",
                                          "slow-disk", "ports",  "pause", "kill"};
  TemporaryFolder folder_;
  sunder::Test test_;
  MemoryJournal journal_;
  std::unique_ptr<LabWorld> world_;
  std::vector<std::string> before_;
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
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
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
  EXPECT_EQ(begun.phase, Phase::ok) << begun.error << to_json(begun.value);
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
  Op paused = perform(process_of("pause"), "pause", by);
  EXPECT_EQ(paused.phase, Phase::ok) << paused.error;
  EXPECT_EQ(paused.value.find("evidence")->find("processes")->find("n2")->text(), "paused");
  EXPECT_EQ(perform(process_of("pause"), "resume").phase, Phase::ok);
  EXPECT_EQ(perform(process_of("pause"), "pause", by).phase, Phase::ok);
  Map whom;
  whom["targets"] = "n2";
  EXPECT_EQ(perform(process_of("kill"), "kill", whom).phase, Phase::ok);
  EXPECT_EQ(perform(process_of("kill"), "start").phase, Phase::ok);
}

TEST_F(LabResources, ANodeThatIsDeadAlreadyIsNotStruck) {
  Map both;
  both["targets"] = "all";
  ASSERT_EQ(perform(process_of("kill"), "kill", both).phase, Phase::ok);
  for (const char* name : {"cpu", "memory", "pids", "descriptors", "slow-disk", "ports"}) {
    EXPECT_EQ(begin(name, 10).phase, Phase::fail) << name;
  }
  EXPECT_EQ(perform(process_of("kill"), "start").phase, Phase::ok);
}

}  // namespace
}  // namespace sunder
