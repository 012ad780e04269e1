// Stories about the simulated disk: what a crash keeps, and the order that barriers impose.

#include <gtest/gtest.h>

#include "harness/sim/disk.h"
#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Bytes> log_of(const Storage& storage) {
  std::vector<Bytes> records;
  for (std::uint64_t i = storage.log_begin(); i < storage.log_end(); ++i) {
    records.push_back(storage.log_read(i));
  }
  return records;
}

using Records = std::vector<Bytes>;

TEST(SimDisk, KeepsWhatWasSyncedAndLosesTheRest) {
  Script script;
  Records found;
  script.start = [&](Runtime& runtime) {
    Storage& storage = runtime.storage();
    found = log_of(storage);
    if (!found.empty()) return;
    storage.append("synced");
    storage.put("key", "synced");
    storage.sync();
    storage.append("not synced");
    storage.put("key", "not synced");
    EXPECT_EQ(log_of(storage), (Records{"synced", "not synced"}));  // reads see all at once
  };
  auto test = scripted_test(script, 1, 1);
  Hand hand(test);
  SimWorld world(test, {.trace = {}, .crash = CrashPolicy::none});
  pass(world, milliseconds(100));
  hand.kill(world, 0);
  hand.start(world, 0);
  EXPECT_EQ(found, Records{"synced"});
}

TEST(SimDisk, ACrashBeforeTheBarrierEndsMayLoseEverything) {
  Script script;
  std::optional<std::size_t> found;
  script.start = [&](Runtime& runtime) {
    if (runtime.storage().log_end() > 0 || found) {
      found = runtime.storage().log_end();
      return;
    }
    found = 0;
  };
  script.message = [](Runtime& runtime, const Envelope& envelope) {
    runtime.storage().append("x");
    runtime.storage().sync();
    runtime.send(envelope.source, Answer{1});  // behind the barrier
  };
  std::map<std::size_t, int> outcomes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    found.reset();
    auto test = scripted_test(script, 1, seed);
    test.link = LinkModel{.delay = milliseconds(1)};
    Hand hand(test);
    SimWorld world(test);
    pass(world, milliseconds(10));
    world.dispatch(invocation(0, "ask", 1));
    pass(world, Duration{1'100'000});  // the request has arrived 0.1 ms ago: no barrier is so fast
    hand.kill(world, 0);
    hand.start(world, 0);
    ++outcomes[*found];
  }
  EXPECT_GT(outcomes[0], 10);
  EXPECT_GT(outcomes[1], 10);
  EXPECT_EQ(outcomes[0] + outcomes[1], 60);
}

TEST(SimDisk, WritesBehindARunningBarrierHaveNotLeftTheProcess) {
  std::map<std::size_t, int> outcomes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Script script;
    std::size_t found = 0;
    bool wrote = false;
    script.start = [&](Runtime& runtime) {
      if (wrote) {
        found = runtime.storage().log_end();
      } else {
        runtime.start_timer(milliseconds(50));
      }
    };
    script.timer = [&](Runtime& runtime, Timer) {
      wrote = true;
      runtime.storage().append("a");
      runtime.storage().sync();
      runtime.storage().append("b");
    };
    auto test = scripted_test(script, 1, seed);
    Hand hand(test);
    SimWorld world(test);
    while (!wrote) pass(world, std::chrono::microseconds(50));
    hand.kill(world, 0);
    hand.start(world, 0);
    ++outcomes[found];
  }
  EXPECT_GT(outcomes[0], 0);
  EXPECT_GT(outcomes[1], 0);
  EXPECT_EQ(outcomes[0] + outcomes[1], 60);
}

TEST(SimDisk, SendsAfterASyncLeaveOnlyWhenItIsDurable) {
  Script script;
  Instant start;
  std::vector<std::pair<std::int64_t, Duration>> heard;
  script.start = [&](Runtime& runtime) {
    if (runtime.self().index != 0) return;
    runtime.start_timer(milliseconds(50));
  };
  const SimWorld* seen = nullptr;
  script.timer = [&](Runtime& runtime, Timer) {
    start = seen->now();
    NodeId peer = runtime.peers()[1];
    runtime.send(peer, Answer{0});
    runtime.storage().append("a");
    runtime.storage().sync();
    runtime.send(peer, Answer{1});
    runtime.storage().append("b");
    runtime.storage().sync();
    runtime.send(peer, Answer{2});
  };
  script.message = [&](Runtime&, const Envelope& envelope) {
    heard.emplace_back(envelope.message.as<Answer>()->number, seen->now() - start);
  };
  auto test = scripted_test(script, 2, 3);
  test.link = LinkModel{.delay = milliseconds(1)};
  SimWorld world(test);
  seen = &world;
  pass(world, seconds(1));
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[0].first, 0);
  EXPECT_EQ(heard[0].second, milliseconds(1));
  EXPECT_EQ(heard[1].first, 1);
  EXPECT_GE(heard[1].second, milliseconds(1) + std::chrono::microseconds(200));
  EXPECT_EQ(heard[2].first, 2);
  EXPECT_GE(heard[2].second - heard[1].second, std::chrono::microseconds(200));
}

TEST(SimDisk, AKillTakesSendsThatWaitForABarrier) {
  Script script;
  int heard = 0;
  script.start = [](Runtime& runtime) {
    if (runtime.self().index == 0) runtime.start_timer(milliseconds(50));
  };
  const SimWorld* seen = nullptr;
  Instant wrote = never;
  script.timer = [&](Runtime& runtime, Timer) {
    wrote = seen->now();
    runtime.storage().append("a");
    runtime.storage().sync();
    runtime.send(runtime.peers()[1], Answer{1});
  };
  script.message = [&](Runtime&, const Envelope&) { ++heard; };
  auto test = scripted_test(script, 2, 3);
  Hand hand(test);
  SimWorld world(test);
  seen = &world;
  while (wrote == never) pass(world, std::chrono::microseconds(50));
  hand.kill(world, 0);
  pass(world, seconds(1));
  EXPECT_EQ(heard, 0);
}

// The disk alone: whatever a crash leaves must be a state that the contract allows.
class DiskCrash : public ::testing::Test {
 protected:
  DiskCrash() : disk([] {}) {}
  void crash(CrashPolicy policy, std::uint64_t seed) {
    Rng rng(seed, Stream::of("test"));
    disk.crash(disk.position(), policy, rng);
  }
  SimDisk disk;
};

TEST_F(DiskCrash, UndoRestoresEverything) {
  for (const char* record : {"a", "b", "c", "d"}) disk.append(record);
  disk.put("k", "1");
  disk.put("gone", "1");
  disk.discard_before(1);
  disk.commit(disk.position());
  disk.truncate_from(2);
  disk.append("C");
  disk.discard_before(10);
  disk.append("far");
  disk.put("k", "2");
  disk.put("k", "3");
  disk.erase("gone");
  disk.put("new", "1");
  EXPECT_EQ(disk.log_begin(), 10u);
  EXPECT_EQ(log_of(disk), Records{"far"});
  crash(CrashPolicy::none, 1);
  EXPECT_EQ(disk.log_begin(), 1u);
  EXPECT_EQ(log_of(disk), (Records{"b", "c", "d"}));
  EXPECT_EQ(*disk.get("k"), "1");
  EXPECT_EQ(*disk.get("gone"), "1");
  EXPECT_EQ(disk.get("new"), nullptr);
}

TEST_F(DiskCrash, APrefixIsOneStateThatOnceWas) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk fresh([] {});
    fresh.append("a");
    fresh.put("k", "1");
    fresh.append("b");
    fresh.truncate_from(1);
    fresh.append("c");
    Rng rng(seed, Stream::of("test"));
    fresh.crash(fresh.position(), CrashPolicy::prefix, rng);
    std::string state;
    for (const Bytes& record : log_of(fresh)) state += record;
    if (fresh.get("k") != nullptr) state += "+k";
    seen.insert(state);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "a", "a+k", "ab+k", "ac+k"}));
}

TEST_F(DiskCrash, ASubsetHasAnyKeysButNoHoleInTheLog) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SimDisk fresh([] {});
    fresh.put("k", "1");
    fresh.append("a");
    fresh.append("b");
    fresh.put("l", "1");
    Rng rng(seed, Stream::of("test"));
    fresh.crash(fresh.position(), CrashPolicy::subset, rng);
    std::string state;
    for (const Bytes& record : log_of(fresh)) state += record;
    for (const char* key : {"k", "l"}) state += fresh.get(key) != nullptr ? key : "";
    seen.insert(state);
  }
  std::set<std::string> allowed;
  for (const char* log : {"", "a", "ab"}) {
    for (const char* keys : {"", "k", "l", "kl"}) allowed.insert(std::string(log) + keys);
  }
  EXPECT_EQ(seen, allowed);
}

TEST_F(DiskCrash, WhatWasCommittedSurvivesEveryPolicy) {
  disk.append("a");
  disk.put("k", "1");
  disk.commit(disk.position());
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    disk.append("b");
    disk.put("k", "2");
    disk.truncate_from(1);
    disk.put("k", "1");
    crash(CrashPolicy::drawn, seed);
    ASSERT_GE(disk.log_end(), 1u);
    ASSERT_EQ(disk.log_read(0), "a");
    disk.truncate_from(1);
    disk.put("k", "1");
    disk.commit(disk.position());
  }
}

TEST_F(DiskCrash, WhatWasNotIssuedIsLostWhateverThePolicy) {
  disk.append("a");
  std::uint64_t issued = disk.position();
  disk.append("b");
  std::set<std::size_t> lengths;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk fresh([] {});
    fresh.append("a");
    fresh.append("b");
    Rng rng(seed, Stream::of("test"));
    fresh.crash(issued, CrashPolicy::prefix, rng);
    lengths.insert(fresh.log_end());
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace sunder::testing
