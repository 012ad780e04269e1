// Simulated links under a magnifying glass: trains of probes show what models do.

#include <gtest/gtest.h>

#include "tests/sim/support/systems.h"

namespace sunder::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SimLinks : public ::testing::Test {
 protected:
  SimLinks() : test_(scripted_test(script_, 3, 1)), hand_(test_) {
    test_.link = LinkModel{.delay = milliseconds(1)};
  }
  LinkSample sample(const LinkModel& model, LinkSampling sampling) {
    if (!world_) world_.emplace(test_);
    hand_.impose(*world_, "model", {link(0, 1)}, model);
    samples_ = {};
    hand_.reach(*world_, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
      cluster.sample_links(sampling, [this, complete](Result<LinkSamples> samples) {
        samples_ = *std::move(samples);
        complete(Outcome::ok({}));
      });
    });
    EXPECT_EQ(samples_.links.size(), 6u);
    EXPECT_EQ(samples_.links[link(1, 0)].arrivals.size(),
              static_cast<std::size_t>(sampling.count));
    return samples_.links[link(0, 1)];
  }

  Script script_;
  sunder::Test test_;
  Hand hand_;
  std::optional<SimWorld> world_;
  LinkSamples samples_;
};

TEST_F(SimLinks, DelayIsMeasuredToTheNanosecond) {
  for (const auto& arrival : sample({.delay = milliseconds(50)}, {}).arrivals) {
    EXPECT_EQ(arrival.delay, milliseconds(51));
  }
  EXPECT_EQ(samples_.links[link(1, 0)].arrivals[0].delay, milliseconds(1));
}

TEST_F(SimLinks, LossDuplicatesAndReorderingShow) {
  LinkSampling many{.count = 1000, .interval = milliseconds(1)};
  EXPECT_NEAR(static_cast<double>(sample({.loss = {1, 4}}, many).arrivals.size()), 750, 60);
  EXPECT_NEAR(static_cast<double>(sample({.duplicate = {1, 4}}, many).arrivals.size()), 1250, 60);
  LinkModel late{.reorder = {1, 4}, .reorder_span = milliseconds(40)};
  int overtaken = 0;
  int latest = -1;
  for (const auto& arrival : sample(late, many).arrivals) {
    if (arrival.sequence < latest) ++overtaken;
    latest = std::max(latest, arrival.sequence);
  }
  EXPECT_NEAR(overtaken, 250, 60);
}

TEST_F(SimLinks, CorruptPacketsAreLostAndCounted) {
  LinkSampling many{.count = 400, .interval = milliseconds(1)};
  std::size_t arrived = sample({.corrupt = {1, 4}}, many).arrivals.size();
  EXPECT_NEAR(static_cast<double>(arrived), 300, 40);
  EXPECT_EQ(samples_.bad_checksums, static_cast<std::int64_t>(400 - arrived));
}

TEST_F(SimLinks, ARateMakesProbesQueue) {
  LinkSampling burst{.count = 10, .interval = Duration{0}, .size = 940, .patience = seconds(3)};
  LinkSample queued = sample({.rate = 10'000}, burst);  // 1000 bytes with their headers
  ASSERT_EQ(queued.arrivals.size(), 10u);
  EXPECT_EQ(queued.arrivals[0].delay, milliseconds(101));
  EXPECT_EQ(queued.arrivals[9].delay, milliseconds(1001));
}

TEST_F(SimLinks, HeldProbesComeWhenTheHoldEnds) {
  world_.emplace(test_);
  hand_.impose(*world_, "model", {link(0, 1)}, LinkModel{.hold = true});
  LinkSamples samples;
  hand_.reach(*world_, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.sample_links({.count = 1}, [&samples, complete](Result<LinkSamples> found) {
      samples = *std::move(found);
      complete(Outcome::ok({}));
    });
    cluster.after(milliseconds(101), [&cluster] { cluster.lift("model", [](const Status&) {}); });
  });
  ASSERT_EQ(samples.links[link(0, 1)].arrivals.size(), 1u);
  EXPECT_EQ(samples.links[link(0, 1)].arrivals[0].delay, milliseconds(101));
}

TEST_F(SimLinks, LookingChangesNothing) {
  std::vector<std::uint64_t> messages;
  for (bool look : {false, true}) {
    auto busy = counter_test(3, 1, 1);
    busy.link.loss = {1, 10};
    Hand hand(busy);
    SimWorld world(busy);
    hand.impose(world, "model", {link(0, 1)}, LinkModel{.loss = {1, 2}, .rate = 50'000});
    if (look) {
      hand.reach(world, [](Cluster& cluster, std::function<void(Outcome)> complete) {
        cluster.sample_links({.size = 1000}, [](const Result<LinkSamples>&) {});
        complete(Outcome::ok({}));
      });
    } else {
      hand.reach(world, [](Cluster&, std::function<void(Outcome)> complete) {
        complete(Outcome::ok({}));
      });
    }
    pass(world, seconds(5));
    messages.push_back(world.record().messages);
  }
  EXPECT_GT(messages[0], 100u);
  EXPECT_EQ(messages[0], messages[1]);
}

}  // namespace
}  // namespace sunder::testing
