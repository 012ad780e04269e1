// Labs whose nodes have disks that forget.

#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/json.h"
#include "harness/real/trace_file.h"
#include "tests/real/support/lab_disks.h"

namespace sunder {
namespace {

/// Cuts the power of n1 by the policy that the op names, or starts n1.
Nemesis power() {
  Nemesis nemesis;
  nemesis.name = "power";
  nemesis.needs = {Ability::processes, Ability::power};
  nemesis.apply = [](const Op& op, FaultScene& scene, std::function<void(Outcome)> complete) {
    NodeId node = NodeId::node(0);
    if (op.verb == "start") {
      return scene.cluster.start(node, [complete](const Status& started) {
        complete(started ? Outcome::ok({}) : Outcome::info(started.error().context));
      });
    }
    scene.cluster.cut_power(node, op.value.text(), 7, [complete](const Result<Value>& lost) {
      complete(lost ? Outcome::ok(*lost) : Outcome::info(lost.error().context));
    });
  };
  return nemesis;
}

/// The value of an op that imposes a rule.
Map by(Map rule) {
  Map value;
  value["rule"] = std::move(rule);
  return value;
}

class LabPower : public LabDisks {
 protected:
  void SetUp() override { open(power()); }
};

TEST_F(LabPower, APowerCutTakesWhatWasNotSyncedAndNothingElse) {
  ASSERT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  ASSERT_TRUE(is_mounted(data()));
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
  {
    std::ofstream careless(data() / "careless");
    careless << "never synced";
  }
  Op cut = perform(Process::nemesis(0), "cut-power", "none");
  ASSERT_EQ(cut.phase, Phase::ok) << cut.error;
  std::set<std::string> lost;  // a mark beside the journal is never synced
  for (const Value& range : cut.value.find("ranges")->list()) {
    lost.insert(range.find("path")->text() + " " + to_json(*range.find("size")));
  }
  EXPECT_TRUE(lost.contains("/careless 12")) << to_json(cut.value);
  EXPECT_FALSE(to_json(cut.value).find("/journal") != std::string::npos);
  EXPECT_EQ(cut.value.find("names")->list()[0].find("path")->text(), "/careless");
  EXPECT_FALSE(std::filesystem::exists(data() / "careless"));
  EXPECT_TRUE(std::filesystem::exists(data() / "journal"));
  EXPECT_EQ(perform(Process{1}, "read", Value::pair(1, {})).phase, Phase::info) << "it is dead";

  EXPECT_EQ(perform(Process::nemesis(0), "start").phase, Phase::ok);
  EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  Op read = perform(Process{2}, "read", Value::pair(1, {}));
  EXPECT_EQ(read.phase, Phase::ok);
  EXPECT_EQ(read.value, Value::pair(1, 10));

  world_.reset();
  EXPECT_FALSE(is_mounted(data()));
  EXPECT_TRUE(journal_.open().empty());
}

TEST_F(LabBadDisks, AnErrorBringsItsNodeDownAndTheEndBringsItBack) {
  open_with("disk-error");
  if (!world_) return;
  Map rule;
  rule["operations"] = List{"write", "fsync"};
  rule["error"] = "EIO";
  auto [fault, write] = begin_and_write("start-disk-error", by(rule));
  EXPECT_EQ(fault.phase, Phase::ok) << fault.error;
  EXPECT_EQ(write.phase, Phase::info) << "an answer would promise what is not on the disk";
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-error").phase, Phase::ok);
  EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  EXPECT_EQ(perform(Process{1}, "write", Value::pair(1, 11)).phase, Phase::ok);
}

TEST_F(LabBadDisks, ASlowDiskDelaysTheAnswerUntilTheEnd) {
  open_with("disk-slow");
  if (!world_) return;
  Map rule;
  rule["operations"] = List{"fsync"};
  rule["delay_ms"] = 400;
  std::int64_t begin = host_nanoseconds();
  auto [fault, write] = begin_and_write("start-disk-slow", by(rule));
  EXPECT_EQ(fault.phase, Phase::ok) << fault.error;
  EXPECT_EQ(write.phase, Phase::ok) << write.error;
  EXPECT_GE(host_nanoseconds() - begin, 600'000'000);
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-slow").phase, Phase::ok);
  begin = host_nanoseconds();
  EXPECT_EQ(perform(Process{1}, "write", Value::pair(1, 11)).phase, Phase::ok);
  EXPECT_LT(host_nanoseconds() - begin, 400'000'000);
}

TEST_F(LabBadDisks, ARuleThatStrikesNothingIsNotConfirmed) {
  open_with("disk-error");
  if (!world_) return;
  Map value;
  value["targets"] = "n1";
  Map rule;
  rule["operations"] = List{"rename"};
  rule["error"] = "EIO";
  value["rule"] = std::move(rule);
  EXPECT_EQ(perform(Process::nemesis(0), "start-disk-error", value).phase, Phase::info);
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-error").phase, Phase::ok);
}

TEST_F(LabPower, APolicyThatNobodyKnowsIsRefused) {
  Op cut = perform(Process::nemesis(0), "cut-power", "gentle");
  EXPECT_EQ(cut.phase, Phase::info);
  EXPECT_NE(cut.error.find("torn-512"), std::string::npos) << cut.error;
}

}  // namespace
}  // namespace sunder
