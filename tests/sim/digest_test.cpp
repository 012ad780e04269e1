// Equal seeds must give equal runs under every compiler and on every machine, so the digests of a
// few busy runs stand here. When the simulator's draws are changed on purpose, put the new ones in.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;

struct Busy {
  std::string digest;
  std::uint64_t messages;
};

/// Ops and one fault after another, all drawn from the seed.
Busy busy_run(std::uint64_t seed) {
  auto test = counter_test(5, 5, seed);
  test.op_timeout = milliseconds(300);
  test.link.loss = {1, 50};
  test.link.duplicate = {1, 50};
  test.link.reorder = {1, 20};
  Hand hand(test);
  SimWorld world(test);
  Rng rng(seed, Stream::of("busy run"));
  std::vector<std::int32_t> processes = {0, 1, 2, 3, 4};
  for (int round = 0; round < 60; ++round) {
    auto node = static_cast<int>(rng.below(5));
    std::uint64_t fault = rng.below(4);
    if (fault == 0) hand.kill(world, node);
    if (fault == 1) hand.impose(world, "cut", around(node, 5), LinkModel{.blocked = true});
    if (fault == 2) hand.impose(world, "hold", around(node, 5), LinkModel{.hold = true});
    if (fault == 3) hand.pause(world, node);
    for (int i = 0; i < 10; ++i) {
      std::int32_t& process = processes[rng.below(5)];
      if (perform(world, process, "ask", i)->phase == Phase::info) process += 5;
    }
    if (fault == 0) hand.start(world, node);
    if (fault == 1) hand.lift(world, "cut");
    if (fault == 2) hand.lift(world, "hold");
    if (fault == 3) hand.resume(world, node);
  }
  WorldRecord record = world.record();
  return Busy{record.digest, record.messages};
}

TEST(SimDigest, IsThatOfEveryOtherMachine) {
  EXPECT_EQ(busy_run(1).digest, "1fd994346fc78c09");
  EXPECT_EQ(busy_run(2).digest, "6989d039ad77ab1c");
  EXPECT_EQ(busy_run(3).digest, "ad40eab2fc802297");
}

TEST(SimDigest, TwiceInOneProcessIsTheSame) {
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    Busy first = busy_run(seed);
    Busy again = busy_run(seed);
    EXPECT_EQ(first.digest, again.digest) << seed;
    EXPECT_GT(first.messages, 1000u);
  }
}

}  // namespace
}  // namespace sunder::testing
