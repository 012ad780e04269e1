// What operators ask of simulated nodes.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;

TEST(SimOperators, AnInstructionIsAHandlerOfANodeThatRuns) {
  int greeted = 0;  // n2, by n1
  Script script;
  script.message = [&](Runtime& runtime, const Envelope&) {
    if (runtime.self() == NodeId::node(1)) ++greeted;
  };
  script.instruct = [](Runtime& runtime, std::string_view verb, const Value& value) {
    if (verb != "greet") return Status(Error{Error::Code::refused, "not that"});
    runtime.send(NodeId::node(1), Answer{value.integer()});
    return Status(Done{});
  };
  auto test = scripted_test(script, 2, 1);
  Hand hand(test);
  SimWorld world(test);
  pass(world, milliseconds(50));
  auto instruct = [&](std::string verb) {
    Outcome outcome =
        hand.reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
          cluster.instruct(NodeId::node(0), verb, 7, [complete](const Status& status) {
            complete(status ? Outcome::ok({}) : Outcome::fail(status.error().context));
          });
        });
    pass(world, milliseconds(50));
    return outcome.phase == Phase::ok ? std::string("done") : outcome.why;
  };
  EXPECT_EQ(instruct("greet"), "done");
  EXPECT_EQ(greeted, 1);
  EXPECT_EQ(instruct("sing"), "not that");
  hand.pause(world, 0);
  EXPECT_EQ(instruct("greet"), "n1 did not answer");
  hand.resume(world, 0);
  hand.kill(world, 0);
  EXPECT_EQ(instruct("greet"), "n1 did not answer");
  hand.start(world, 0);
  pass(world, milliseconds(50));
  EXPECT_EQ(greeted, 1) << "what nobody took up is not done later";
}

}  // namespace
}  // namespace sunder::testing
