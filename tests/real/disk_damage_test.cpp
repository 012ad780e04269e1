// Labs whose disks change what they hold: nodes refuse what is damaged, and are mended.

#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/json.h"
#include "tests/real/support/lab_disks.h"

namespace sunder {
namespace {

class LabDamage : public LabBadDisks {
 protected:
  Op begin(std::string_view verb, Map act) {
    Map value;
    value["targets"] = "n1";
    value["act"] = std::move(act);
    return perform(Process::nemesis(0), verb, std::move(value));
  }
  std::string log_of_node() const {
    std::ifstream file(node() / "node.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const Value& evidence(const Op& op, std::string_view key) {
    const Value* all = op.value.find("evidence");
    const Value* found = all != nullptr ? all->find(key) : nullptr;
    static const Value nothing;
    EXPECT_NE(found, nullptr) << key << " in " << to_json(op.value);
    return found != nullptr ? *found : nothing;
  }
  void expect_written(int value) {
    EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
    EXPECT_EQ(perform(Process{2}, "read", Value::pair(1, {})).value, Value::pair(1, value));
  }
};

TEST_F(LabDamage, ANodeRefusesRottenRecordsAndComesBackWhenTheyAreMended) {
  open_with("bit-rot");
  if (!world_) return;
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
  Map act;
  act["do"] = "rot";
  act["path"] = "/journal";
  act["bits"] = 3;
  Op rotten = begin("rot", act);
  EXPECT_EQ(rotten.phase, Phase::ok) << to_json(rotten.value);
  EXPECT_EQ(evidence(rotten, "disks").find("n1")->find("changed")->integer(), 3);
  EXPECT_EQ(evidence(rotten, "processes").find("n1")->text(), "stopped");
  EXPECT_EQ(evidence(rotten, "endings").find("n1")->text(), "exit 69");
  EXPECT_NE(log_of_node().find("data/journal is damaged at byte"), std::string::npos)
      << log_of_node();
  EXPECT_EQ(perform(Process{1}, "read", Value::pair(1, {})).phase, Phase::info);

  Op mended = perform(Process::nemesis(0), "mend-bit-rot");
  EXPECT_EQ(mended.phase, Phase::ok) << to_json(mended.value);
  EXPECT_EQ(evidence(mended, "disks").find("n1")->find("mended")->integer(), 3);
  expect_written(10);
}

TEST_F(LabDamage, ANodeRefusesAJournalThatLostItsEnd) {
  open_with("truncate");
  if (!world_) return;
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
  Map act;
  act["do"] = "cut-short";
  act["path"] = "/journal";
  act["bytes"] = 1;
  Op cut = begin("truncate", act);
  EXPECT_EQ(cut.phase, Phase::ok) << to_json(cut.value);
  EXPECT_EQ(evidence(cut, "processes").find("n1")->text(), "stopped");
  EXPECT_NE(log_of_node().find("bytes were durable once"), std::string::npos) << log_of_node();
  EXPECT_EQ(perform(Process::nemesis(0), "mend-truncate").phase, Phase::ok);
  expect_written(10);
}

TEST_F(LabDamage, ARestoredDiskHasForgottenWhatCameLater) {
  open_with("restore");
  if (!world_) return;
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 9)).phase, Phase::ok);
  Map act;
  act["do"] = "restore";
  act["name"] = "restore";
  Map value;
  value["act"] = std::move(act);
  value["age_ns"] = 1'500'000'000;
  auto [restored, write] = begin_and_write("restore", std::move(value));
  EXPECT_EQ(write.phase, Phase::ok);
  EXPECT_EQ(restored.phase, Phase::ok) << to_json(restored.value);
  EXPECT_GT(evidence(restored, "disks").find("n1")->find("bytes")->integer(), 0);
  expect_written(9);
}

TEST_F(LabDamage, AStaleReadIsSeenAndWhatIsMissingRefused) {
  open_with("stale-read");
  if (!world_) return;
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 9)).phase, Phase::ok);
  Map rule;
  rule["operations"] = List{"read"};
  rule["stale"] = true;
  rule["path"] = "/journal";
  Map value;
  value["rule"] = std::move(rule);
  value["age_ns"] = 1'500'000'000;
  auto [stale, write] = begin_and_write("start-stale-read", std::move(value));
  EXPECT_EQ(write.phase, Phase::ok);
  EXPECT_EQ(stale.phase, Phase::ok) << to_json(stale.value);
  EXPECT_GT(evidence(stale, "struck").find("n1")->integer(), 0);
  EXPECT_NE(log_of_node().find("bytes were durable once"), std::string::npos) << log_of_node();
  EXPECT_EQ(perform(Process::nemesis(0), "stop-stale-read").phase, Phase::ok);
  expect_written(10);
}

TEST_F(LabDamage, WhatFindsNothingToDamageIsNotConfirmed) {
  open_with("bit-rot");
  if (!world_) return;
  Map act;
  act["do"] = "rot";
  act["path"] = "/no/such";
  EXPECT_EQ(begin("rot", act).phase, Phase::info);
  EXPECT_EQ(perform(Process::nemesis(0), "mend-bit-rot").phase, Phase::ok);
  EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
}

}  // namespace
}  // namespace sunder
