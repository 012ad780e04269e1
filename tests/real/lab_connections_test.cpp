// Clients cut off, single ports cut, and connections reset or refused in a real lab: begun, proved
// by real packets, ended, and the end proved.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "harness/core/json.h"
#include "harness/real/lab/lab_world.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

/// A lab under two nemeses: the one under test, and `kill`.
class LabConnections : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
  }
  void open(const std::string& nemesis) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    ASSERT_NE(all.find(nemesis), nullptr);
    name_ = nemesis;
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 3;
    test_.concurrency = 3;
    test_.system = tiny_system();
    test_.nemeses = {*all.find(nemesis), *all.find("kill")};
    test_.op_timeout = std::chrono::milliseconds(500);
    test_.ready_timeout = std::chrono::seconds(20);
    auto created = LabWorld::create(test_, lab_options(folder_.path(), *lab_place()), journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
    ASSERT_EQ(perform(test_.control(), verb_await_ready, {}).phase, Phase::ok);
  }
  Op perform(Process process, std::string_view verb, Value value) {
    Op op;
    op.process = process;
    op.verb = verb;
    op.value = std::move(value);
    world_->dispatch(op);
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  static Map strike(const char* key, const char* value) {
    Map map;
    map["targets"] = "n1";
    map["shape"] = "n1";
    map[key] = value;
    return map;
  }
  Op begin(Map value) {
    return perform(Process::nemesis(0), test_.nemeses[0].verbs.front(), std::move(value));
  }
  void end() {
    Op ended = perform(Process::nemesis(0), test_.nemeses[0].verbs.back(), {});
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value) << ended.error;
    Op healed = perform(test_.control(), verb_verify_healed, {});
    EXPECT_EQ(healed.phase, Phase::ok) << healed.error;
    Op written = write();
    for (int i = 0; i < 10 && written.phase != Phase::ok; ++i) written = write();
    EXPECT_EQ(written.phase, Phase::ok) << "clients connect again";
  }
  Op write() { return perform(Process{client_++ * test_.concurrency}, "write", Value::pair(1, 2)); }
  static std::int64_t number(const Op& op, const char* key, const char* inner) {
    const Value* found = op.value.find("evidence");
    found = found != nullptr ? found->find(key) : nullptr;
    if (found != nullptr && *inner != '\0') found = found->find(inner);
    return found != nullptr && found->is_integer() ? found->integer() : -1;
  }

  TemporaryFolder folder_;
  MemoryJournal journal_;
  std::string name_;
  std::int32_t client_ = 0;
  sunder::Test test_;
  std::unique_ptr<LabWorld> world_;
};

TEST_F(LabConnections, ClientsLoseANodeInEachDirection) {
  open("client-cut");
  for (const char* way : {"requests", "replies", "both"}) {
    Op begun = begin(strike("way", way));
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
    EXPECT_GT(number(begun, "packets_taken", "n1"), 0);
    EXPECT_EQ(number(begun, "delivered_between_nodes", ""), 6);
    EXPECT_NE(write().phase, Phase::ok) << "n1 keeps the registers";
    end();
  }
}

TEST_F(LabConnections, AreResetAndStandAgain) {
  open("reset");
  Op struck = begin(strike("between", "both"));
  EXPECT_EQ(struck.phase, Phase::ok) << to_json(struck.value) << struck.error;
  EXPECT_EQ(number(struck, "probes", "reset"), 4);
  EXPECT_EQ(number(struck, "probes", "open"), 2);
  EXPECT_EQ(number(struck, "afterwards", "open"), 6);
  EXPECT_GT(number(struck, "segments_reset", ""), 0);
  end();
}

TEST_F(LabConnections, OfADeadNodeAreNotReset) {
  open("reset");
  Map dead;
  dead["targets"] = "all";
  ASSERT_EQ(perform(Process::nemesis(1), "kill", dead).phase, Phase::ok);
  Op struck = begin(strike("between", "nodes"));
  EXPECT_EQ(struck.phase, Phase::info) << to_json(struck.value);
  EXPECT_EQ(number(struck, "segments_reset", ""), 0);
  EXPECT_EQ(number(struck, "probes", "reset"), 4) << "ours are";
}

TEST_F(LabConnections, AreRefused) {
  open("refuse");
  for (const char* between : {"nodes", "both"}) {
    Op begun = begin(strike("between", between));
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
    EXPECT_EQ(number(begun, "probes", "refused"), 4);
    EXPECT_EQ(number(begun, "probes", "open"), 2);
    end();
  }
}

TEST_F(LabConnections, ASinglePortIsCut) {
  open("partition");
  Map value = strike("targets", "n1");
  value["port"] = 7000;
  Op begun = begin(value);
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value) << begun.error;
  EXPECT_EQ(number(begun, "lost", ""), 4);
  EXPECT_EQ(number(begun, "delivered_by_other_ports", ""), 6);
  end();
}

}  // namespace
}  // namespace sunder
