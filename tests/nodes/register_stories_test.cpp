// Scenes of the register systems: what a session sees through a cut, a crash, a bent clock.

#include <gtest/gtest.h>

#include "tests/nodes/support/scene.h"

namespace sunder {
namespace {

using std::chrono::seconds;
using testing_support::Scene;

constexpr std::int64_t x = 1;
constexpr std::int64_t y = 2;

void expect_sound(const Scene& scene) {
  for (const BrokenInvariant& broken : scene.record().broken_invariants) {
    ADD_FAILURE() << broken.sentence;
  }
}

TEST(Abd, OutlivesACrashOfEveryNode) {
  Scene scene({"abd"});
  EXPECT_EQ(scene.write(0, x, 7), Phase::ok);
  for (int node : {0, 1, 2}) scene.kill(node);
  for (int node : {0, 1, 2}) scene.start(node);
  scene.pass(seconds(1));
  EXPECT_EQ(scene.read(1, x), Value(7));
  EXPECT_EQ(scene.write(2, x, 8), Phase::ok);
  EXPECT_EQ(scene.read(0, x), Value(8));
  expect_sound(scene);
}

TEST(Abd, DoesNotServeWithoutAMajority) {
  Scene scene({"abd"});
  EXPECT_EQ(scene.write(0, x, 7), Phase::ok);
  scene.kill(0);
  scene.kill(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(scene.write(2, x, 8 + i), Phase::ok);
    EXPECT_EQ(scene.read(2, x), std::nullopt);
  }
  scene.start(0);
  scene.start(1);
  scene.pass(seconds(3));
  EXPECT_EQ(scene.write(1, x, 20), Phase::ok);
  EXPECT_EQ(scene.read(0, x), Value(20));
  expect_sound(scene);
}

TEST(Abd, GoesOnWithoutOneReplicaUnlessItWaitsForAll) {
  for (bool flawed : {false, true}) {
    Scene::Cast cast{"abd"};
    if (flawed) cast.flaws = {"notes-one-hang-blocks-all"};
    Scene scene(cast);
    scene.kill(2);
    int ok = 0;
    for (std::int64_t value = 1; value <= 9; ++value) {
      if (scene.write(0, x, value) == Phase::ok) ++ok;
    }
    EXPECT_EQ(ok > 0, !flawed);
  }
}

// The two sides go on, and afterwards agree on the later write.
TEST(Lww, ConvergesAfterACut) {
  for (const char* timestamps : {"wall", "hybrid"}) {
    Scene scene({"lww", {{"timestamps", timestamps}}});
    scene.cut_off(0);
    EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
    EXPECT_EQ(scene.write(1, x, 2), Phase::ok);
    EXPECT_EQ(scene.read(0, x), Value(1));
    EXPECT_EQ(scene.read(2, x), Value(2));
    scene.heal();
    scene.pass(seconds(3));
    for (int session : {0, 1, 2}) EXPECT_EQ(scene.read(session, x), Value(2)) << timestamps;
    expect_sound(scene);
  }
}

TEST(Lww, LosesAnOwnWriteToAClockThatWasSetBackUnlessItIsHybrid) {
  for (bool hybrid : {false, true}) {
    Scene scene({"lww", {{"timestamps", hybrid ? "hybrid" : "wall"}}});
    EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
    scene.step_clock(0, seconds(-10));
    EXPECT_EQ(scene.write(0, x, 2), Phase::ok);
    EXPECT_EQ(scene.read(0, x), Value(hybrid ? 2 : 1));
    scene.kill(0);
    scene.start(0);
    EXPECT_EQ(scene.write(0, x, 3), Phase::ok);
    EXPECT_EQ(scene.read(0, x), Value(hybrid ? 3 : 1));
    expect_sound(scene);
  }
}

TEST(Pram, NeverConverges) {
  Scene scene({"pram"});
  scene.cut_off(0);
  EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
  EXPECT_EQ(scene.write(1, x, 2), Phase::ok);
  scene.heal();
  scene.pass(seconds(10));
  EXPECT_EQ(scene.read(0, x), Value(2));
  EXPECT_EQ(scene.read(1, x), Value(1));
  EXPECT_EQ(scene.read(2, x), Value(1));
  scene.kill(1);
  scene.start(1);
  EXPECT_EQ(scene.read(1, x), Value(1));
  expect_sound(scene);
}

// A session moves between two replicas that cannot hear each other: it is refused, never deceived.
TEST(Causal, RefusesASessionWhoseContextIsNotThere) {
  for (bool flawed : {false, true}) {
    Scene::Cast cast{"causal"};
    cast.nodes = 2;
    if (flawed) cast.flaws = {"context-not-awaited"};
    Scene scene(cast);
    scene.cut_off(0);
    std::optional<Value> last;
    int refused = 0;
    int stale = 0;
    for (std::int64_t value = 1; value <= 20; ++value) {
      if (scene.write(0, x, value) == Phase::ok) last = Value(value);
      std::optional<Value> seen = scene.read(0, x);
      if (!seen) ++refused;
      else if (seen != last) ++stale;
    }
    EXPECT_EQ(refused > 0, !flawed);
    EXPECT_EQ(stale > 0, flawed);
    scene.heal();
    scene.pass(seconds(3));
    EXPECT_EQ(scene.write(0, y, 30), Phase::ok);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(scene.read(0, y), Value(30));
  }
}

// n3 misses one write, and then hears of another that depends on it.
TEST(Causal, AppliesAnUpdateOnceItIsReadyUnlessItWasDropped) {
  for (std::string flaw : {"", "notes-unready-dropped", "notes-dependencies-by-identity"}) {
    Scene::Cast cast{"causal", {{"sessions", "pinned"}}};
    if (!flaw.empty()) cast.flaws = {flaw};
    Scene scene(cast);
    scene.cut_off(2);
    EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
    scene.heal();
    EXPECT_EQ(scene.write(0, y, 2), Phase::ok);
    scene.pass(seconds(5));
    EXPECT_EQ(scene.read(2, y), flaw.empty() ? Value(2) : Value()) << flaw;
  }
}

TEST(Gossip, GivesTheGuaranteeThatIsAskedFor) {
  for (const char* session : {"none", "read-your-writes"}) {
    Scene scene({"gossip", {{"session", session}}, {}, 2});
    scene.cut_off(0);
    int stale = 0;
    std::optional<Value> last;
    for (std::int64_t value = 1; value <= 20; ++value) {
      if (scene.write(0, x, value) == Phase::ok) last = Value(value);
      std::optional<Value> seen = scene.read(0, x);
      if (seen && seen != last) ++stale;
    }
    EXPECT_EQ(stale > 0, std::string_view(session) == "none");
    expect_sound(scene);
  }
}

TEST(Gossip, NeverCatchesUpWhenUpdatesAreSentOnce) {
  for (bool flawed : {false, true}) {
    Scene::Cast cast{"gossip", {{"sessions", "pinned"}}};
    if (flawed) cast.flaws = {"notes-sent-once"};
    Scene scene(cast);
    scene.cut_off(2);
    EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
    scene.heal();
    scene.pass(seconds(10));
    EXPECT_EQ(scene.read(1, x), Value(1));
    EXPECT_EQ(scene.read(2, x), flawed ? Value() : Value(1));
  }
}

// A replica that was down for a while learns by digests what it missed, also from a snapshot.
TEST(Gossip, CatchesUpByDigests) {
  Scene scene({"gossip", {{"compact-every", "5"}, {"sessions", "pinned"}}});
  scene.kill(2);
  for (std::int64_t value = 1; value <= 40; ++value) {
    EXPECT_EQ(scene.write(static_cast<int>(value % 2), value, value), Phase::ok);
  }
  scene.start(2);
  scene.pass(seconds(3));
  for (std::int64_t value = 1; value <= 40; ++value) EXPECT_EQ(scene.read(2, value), Value(value));
  EXPECT_TRUE(scene.record().probes.contains("a snapshot replaced the log"));
  for (int node : {0, 1, 2}) scene.kill(node);
  for (int node : {0, 1, 2}) scene.start(node);
  scene.pass(seconds(1));
  for (std::int64_t value = 1; value <= 40; ++value) EXPECT_EQ(scene.read(0, value), Value(value));
  expect_sound(scene);
}

// Reads go on at a replica that is cut off, and are of the past; its writes wait, or are given up.
TEST(Sequencer, ReadsThePastWhereItIsCutOff) {
  Scene scene({"sequencer"});
  scene.pass(seconds(2));
  EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
  EXPECT_EQ(scene.write(1, x, 2), Phase::ok);
  EXPECT_EQ(scene.read(1, x), Value(2));
  scene.pass(seconds(1));
  scene.cut_off(0);
  scene.pass(seconds(3));
  EXPECT_EQ(scene.write(1, x, 3), Phase::ok);
  EXPECT_EQ(scene.read(1, x), Value(3));
  EXPECT_EQ(scene.read(0, x), Value(2));
  EXPECT_NE(scene.write(0, x, 4), Phase::ok);
  scene.heal();
  scene.pass(seconds(3));
  std::optional<Value> seen = scene.read(0, x);
  EXPECT_TRUE(seen == Value(3) || seen == Value(4));
  EXPECT_EQ(scene.read(1, x), seen);
  EXPECT_EQ(scene.write(0, x, 5), Phase::ok);
  EXPECT_EQ(scene.read(0, x), Value(5));
  expect_sound(scene);
}

TEST(Sequencer, GoesOnWithoutItsSequencerAndAfterACrashOfAll) {
  Scene scene({"sequencer"});
  scene.pass(seconds(2));
  for (std::int64_t value = 1; value <= 3; ++value) {
    int down = static_cast<int>(value - 1);
    scene.kill(down);
    scene.pass(seconds(3));
    int up = (down + 1) % 3;
    EXPECT_EQ(scene.write(up, x, value), Phase::ok);
    EXPECT_EQ(scene.read(up, x), Value(value));
    scene.start(down);
    scene.pass(seconds(2));
    EXPECT_EQ(scene.read(down, x), Value(value));
  }
  for (int node : {0, 1, 2}) scene.kill(node);
  for (int node : {0, 1, 2}) scene.start(node);
  for (int node : {0, 1, 2}) EXPECT_EQ(scene.read(node, x), Value(3));
  expect_sound(scene);
}

// n1 is the view service; who of the others is primary is its affair, so that each gets its turn.
TEST(PrimaryBackup, PromotesABackupThatHasEverything) {
  for (bool async : {false, true}) {
    Scene::Cast cast{"primary_backup", {{"replication", async ? "async" : "sync"}}};
    cast.nodes = 4;
    Scene scene(cast);
    for (std::int64_t value = 1; value <= 3; ++value) {
      EXPECT_EQ(scene.write(0, x, value), Phase::ok);
      int primary = 1 + static_cast<int>((value - 1) % 3);
      scene.kill(primary);
      scene.pass(seconds(2));
      EXPECT_EQ(scene.read(0, x), Value(value));
      scene.start(primary);
      scene.pass(seconds(2));
    }
    expect_sound(scene);
  }
}

TEST(PrimaryBackup, ComesBackWithoutABackup) {
  Scene::Cast cast{"primary_backup"};
  cast.nodes = 2;
  Scene scene(cast);
  EXPECT_EQ(scene.write(0, x, 1), Phase::ok);
  for (int node : {0, 1}) scene.kill(node);
  for (int node : {0, 1}) scene.start(node);
  scene.pass(seconds(2));
  EXPECT_EQ(scene.read(1, x), Value(1));
  EXPECT_TRUE(scene.all_ready());
}

// A primary that is cut off from the rest neither writes nor reads.
TEST(PrimaryBackup, FencesADeposedPrimaryOff) {
  Scene::Cast cast{"primary_backup"};
  cast.nodes = 4;
  Scene scene(cast);
  EXPECT_EQ(scene.write(0, x, 10), Phase::ok);
  for (int node : {1, 2, 3}) {
    scene.cut_off(node);
    scene.pass(seconds(2));
    std::optional<Value> last;
    for (int session : {0, 1, 2, 3}) {
      std::int64_t value = 100 * node + session;
      if (scene.write(session, x, value) == Phase::ok) last = Value(value);
      std::optional<Value> seen = scene.read(session, x);
      if (last && seen) {
        EXPECT_EQ(*seen, *last);
      }
    }
    EXPECT_NE(last, std::nullopt);
    scene.heal();
    scene.pass(seconds(2));
    for (int session : {0, 1, 2, 3}) EXPECT_EQ(scene.read(session, x), last);
  }
  EXPECT_TRUE(scene.record().probes.contains("a backup was promoted"));
  expect_sound(scene);
}

TEST(PrimaryBackup, WaitsForTheOneThatHasEverything) {
  Scene::Cast cast{"primary_backup"};
  cast.nodes = 3;
  Scene scene(cast);
  scene.kill(2);
  scene.pass(seconds(2));
  EXPECT_EQ(scene.write(0, x, 1), Phase::ok);  // by n2 alone
  scene.kill(1);
  scene.start(2);
  scene.pass(seconds(3));
  EXPECT_NE(scene.write(0, x, 2), Phase::ok);
  EXPECT_EQ(scene.read(1, x), std::nullopt);
  scene.start(1);
  scene.pass(seconds(3));
  EXPECT_EQ(scene.read(0, x), Value(1));
  EXPECT_EQ(scene.write(0, x, 3), Phase::ok);
  EXPECT_EQ(scene.read(1, x), Value(3));
  expect_sound(scene);
}

}  // namespace
}  // namespace sunder
