// What faults do to stored data in the simulator: damage keeps a node from starting until it is
// mended, and a disk that goes back in time has forgotten what came later.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SimDamage : public ::testing::Test {
 protected:
  SimDamage() {
    script_.start = [this](Runtime& runtime) {
      found_ = runtime.storage().log_end();
      ++boots_;
      runtime.start_timer(milliseconds(100));
    };
    // What comes behind the sync is never durable when it is looked at.
    script_.timer = [](Runtime& runtime, Timer) {
      runtime.storage().append("record");
      runtime.storage().put("count", std::to_string(runtime.storage().log_end()));
      runtime.storage().sync();
      runtime.storage().append("of which nobody knows whether it is there");
      runtime.storage().truncate_from(runtime.storage().log_end() - 1);
      runtime.start_timer(milliseconds(100));
    };
  }
  Outcome change(const std::string& act, const std::string& key, Value value) {
    return hand_.reach(world_, [=](Cluster& cluster, std::function<void(Outcome)> complete) {
      Map request;
      request["do"] = act;
      request[key] = value;
      cluster.change_disk(NodeId::node(0), request, [complete](const Result<Value>& answer) {
        complete(answer ? Outcome::ok(*answer) : Outcome::fail(answer.error().context));
      });
    });
  }
  static std::int64_t count(const Outcome& outcome, const char* what) {
    const Value* found = outcome.value.find(what);
    return found != nullptr && found->is_integer() ? found->integer() : -1;
  }

  Script script_;
  std::uint64_t found_ = 0;
  int boots_ = 0;
  sunder::Test test_ = scripted_test(script_, 1, 3);
  Hand hand_{test_};
  SimWorld world_{test_};
};

TEST_F(SimDamage, ADamagedDiskKeepsItsNodeFromStarting) {
  pass(world_, seconds(1));
  EXPECT_EQ(change("rot", "bits", 2).why, "n1 still runs");
  hand_.kill(world_, 0);
  EXPECT_EQ(count(change("rot", "bits", 2), "changed"), 2);
  hand_.start(world_, 0);
  pass(world_, seconds(1));
  NodeReport refused = hand_.survey(world_)[0];
  EXPECT_EQ(refused.process, ProcessState::stopped);
  EXPECT_EQ(refused.ended, "exit 69");
  EXPECT_EQ(boots_, 1);
  EXPECT_EQ(count(change("mend", "what", "cut-short"), "mended"), 0);
  EXPECT_EQ(count(change("mend", "what", "rot"), "mended"), 2);
  hand_.start(world_, 0);
  pass(world_, seconds(1));
  EXPECT_EQ(boots_, 2);
  EXPECT_GT(found_, 0u);
}

TEST_F(SimDamage, AnEmptyDiskHasNothingToDamage) {
  hand_.kill(world_, 0);
  EXPECT_EQ(count(change("rot", "bits", 2), "changed"), 0);
  EXPECT_EQ(count(change("cut-short", "bytes", 2), "changed"), 0);
}

TEST_F(SimDamage, ARestoredDiskIsAsItWas) {
  pass(world_, seconds(1));
  EXPECT_EQ(change("snapshot", "name", "s").phase, Phase::ok);
  pass(world_, seconds(1));
  hand_.kill(world_, 0);
  hand_.start(world_, 0);
  pass(world_, milliseconds(50));
  std::uint64_t all = found_;
  EXPECT_EQ(change("restore", "name", "s").why, "n1 still runs");
  hand_.kill(world_, 0);
  EXPECT_GT(count(change("restore", "name", "s"), "changed"), 5);
  hand_.start(world_, 0);
  pass(world_, milliseconds(50));
  EXPECT_GT(found_, 5u);
  EXPECT_LT(found_, all - 5);
  hand_.kill(world_, 0);
  EXPECT_EQ(change("restore", "name", "s").why, "there is no snapshot 's'");
}

}  // namespace
}  // namespace sunder::testing
