// Clients cut off, single ports cut, and connections reset or refused in a real lab: begun, proved
// by real packets, ended, and the end proved.

#include <gtest/gtest.h>

#include "harness/core/json.h"
#include "tests/real/support/tiny_lab.h"

namespace sunder {
namespace {

/// A lab under two nemeses: the one under test, and `kill`.
class LabConnections : public TinyLabTest {
 protected:
  void open(const std::string& nemesis) {
    sunder::Test test = tiny_test(3, {nemesis, "kill"});
    test.op_timeout = std::chrono::milliseconds(500);
    TinyLabTest::open(std::move(test));
  }
  static Map strike(const char* key, const char* value) {
    Map map;
    map["targets"] = "n1";
    map["shape"] = "n1";
    map[key] = value;
    return map;
  }
  Op begin(Map value) {
    return lab_.fault(0, lab_.test().nemeses[0].verbs.front(), std::move(value));
  }
  void end() {
    expect_ok(lab_.fault(0, lab_.test().nemeses[0].verbs.back()));
    expect_ok(lab_.control(verb_verify_healed));
    Op written = write();
    for (int i = 0; i < 10 && written.phase != Phase::ok; ++i) written = write();
    EXPECT_EQ(written.phase, Phase::ok) << "clients connect again";
  }
  Op write() {
    return lab_.client(client_++ * lab_.test().concurrency, "write", Value::pair(1, 2));
  }
  static std::int64_t number(const Op& op, const char* key, const char* inner) {
    const Value* found = op.value.find("evidence");
    found = found != nullptr ? found->find(key) : nullptr;
    if (found != nullptr && *inner != '\0') found = found->find(inner);
    return found != nullptr && found->is_integer() ? found->integer() : -1;
  }

  std::int32_t client_ = 0;
};

TEST_F(LabConnections, ClientsLoseANodeInEachDirection) {
  open("client-cut");
  for (const char* way : {"requests", "replies", "both"}) {
    Op begun = begin(strike("way", way));
    expect_ok(begun);
    EXPECT_GT(number(begun, "packets_taken", "n1"), 0);
    EXPECT_EQ(number(begun, "delivered_between_nodes", ""), 6);
    EXPECT_NE(write().phase, Phase::ok) << "n1 keeps the registers";
    end();
  }
}

TEST_F(LabConnections, AreResetAndStandAgain) {
  open("reset");
  Op struck = begin(strike("between", "both"));
  expect_ok(struck);
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
  expect_ok(lab_.fault(1, "kill", dead));
  Op struck = begin(strike("between", "nodes"));
  EXPECT_EQ(struck.phase, Phase::info) << to_json(struck.value);
  EXPECT_EQ(number(struck, "segments_reset", ""), 0);
  EXPECT_EQ(number(struck, "probes", "reset"), 4) << "ours are";
}

TEST_F(LabConnections, AreRefused) {
  open("refuse");
  for (const char* between : {"nodes", "both"}) {
    Op begun = begin(strike("between", between));
    expect_ok(begun);
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
  expect_ok(begun);
  EXPECT_EQ(number(begun, "lost", ""), 4);
  EXPECT_EQ(number(begun, "delivered_by_other_ports", ""), 6);
  end();
}

}  // namespace
}  // namespace sunder
