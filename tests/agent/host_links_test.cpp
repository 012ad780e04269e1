// Links bent by an agent's own means, by netem and by a queue, IPv4 and IPv6, between addresses of
// one host.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "harness/agent/host_links.h"
#include "harness/agent/peer.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/queueing.h"
#include "harness/faultkit/tool.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr std::uint16_t node_port = 7000;
constexpr Duration patience = std::chrono::seconds(5);
using Clock = std::chrono::steady_clock;

/// A UDP socket on an address and port.
Descriptor socket_on(const std::string& address, std::uint16_t port) {
  Peer place = peer_at(address, port);
  Descriptor socket(::socket(place.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(socket.get(), place.get(), place.size), 0) << address;
  return socket;
}

/// How long a datagram takes to a port of the address; none when it does not arrive.
std::optional<Duration> travel(const std::string& address, std::uint16_t port, int wait_ms) {
  Descriptor far = socket_on(address, port);
  Peer target = peer_at(address, port);
  Descriptor near(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto begun = Clock::now();
  std::string_view text = "some bytes that travel";
  EXPECT_GT(::sendto(near.get(), text.data(), text.size(), 0, target.get(), target.size), 0);
  pollfd watch{far.get(), POLLIN, 0};
  if (::poll(&watch, 1, wait_ms) <= 0) return {};
  return Clock::now() - begun;
}

std::string rules_here() {
  std::string all;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"nft", "list", "ruleset"}, {"tc", "qdisc", "show"}}) {
    Result<std::string> listed = run_tool(command, "", patience);
    all += listed ? *listed : listed.error().context;
  }
  return all;
}

struct Way {
  const char* name;
  const char* prefix;  // of addresses
  Packets packets;
};

class HostLinksTest : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    ASSERT_TRUE(bring_up("lo"));
    for (const std::string& address : addresses()) {
      (void)run_tool({"ip", "address", "add", address, "dev", "lo"}, "", patience);
    }
    before_ = rules_here();
    links_.settle({1, addresses(), {}, {node_port}, 1, {}, GetParam().packets});
    const HostLinks::Means& means = links_.means();
    const Status& possible = by_netem() ? means.netem : means.queue;
    if (!possible) GTEST_SKIP() << possible.error().context;
  }
  void TearDown() override {
    if (IsSkipped()) return;
    links_.undo();
    EXPECT_EQ(rules_here(), before_);
  }
  bool by_netem() const { return GetParam().packets == Packets::netem; }
  std::vector<std::string> addresses() const {
    std::string prefix = GetParam().prefix;
    return {prefix + "1", prefix + "2", prefix + "3"};
  }
  std::string other() const { return addresses()[1]; }
  Status try_to_bend(const LinkModel& model, List targets = Value::list_of(2).list()) {
    Map rule;
    rule["name"] = "bent";
    rule["targets"] = std::move(targets);
    rule["model"] = to_value(model);
    return links_.bend({Value(rule)});
  }
  void bend(const LinkModel& model) {
    Status done = try_to_bend(model);
    ASSERT_TRUE(done) << done.error().context;
    EXPECT_EQ(rules_here().find("prio 5375:") != std::string::npos, by_netem());
  }
  /// How long that many datagrams travel, in order of length.
  std::vector<Duration> travels(int count) const {
    std::vector<Duration> times;
    for (int i = 0; i < count; ++i) {
      std::optional<Duration> took = travel(other(), node_port, 5000);
      EXPECT_TRUE(took);
      times.push_back(took.value_or(Duration{0}));
    }
    std::sort(times.begin(), times.end());
    return times;
  }
  /// Sends numbered datagrams with a pause between them; their numbers as they come.
  std::vector<int> flow(int count, std::chrono::microseconds pause, int wait_ms,
                        std::string address = {}, std::size_t size = sizeof(int)) {
    if (address.empty()) address = other();
    Descriptor far = socket_on(address, node_port);
    Peer target = peer_at(address, node_port);
    Descriptor near(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::vector<int> came;
    std::vector<char> bytes(size);
    auto receive = [&] {
      int number = 0;
      while (::recv(far.get(), &number, sizeof number, MSG_DONTWAIT | MSG_TRUNC) > 0) {
        came.push_back(number);
      }
    };
    for (int i = 0; i < count; ++i) {
      std::memcpy(bytes.data(), &i, sizeof i);
      (void)::sendto(near.get(), bytes.data(), size, 0, target.get(), target.size);
      std::this_thread::sleep_for(pause);
      receive();
    }
    for (pollfd watch{far.get(), POLLIN, 0}; ::poll(&watch, 1, wait_ms) > 0;) receive();
    return came;
  }

  TemporaryFolder folder_;
  UndoJournal journal_{folder_.path() / "undo"};
  HostLinks links_{journal_};
  std::string before_;
};

TEST_P(HostLinksTest, OnlyTheNodesPortOfTheTargetIsDelayed) {
  bend({.delay = std::chrono::milliseconds(60)});
  std::optional<Duration> slow = travel(other(), node_port, 2000);
  ASSERT_TRUE(slow);
  EXPECT_GE(*slow, std::chrono::milliseconds(60));
  EXPECT_LT(*slow, std::chrono::milliseconds(500));
  std::optional<Duration> port_22 = travel(other(), 22, 2000);
  std::optional<Duration> own = travel(addresses()[0], node_port, 2000);
  ASSERT_TRUE(port_22 && own);
  EXPECT_LT(*port_22, std::chrono::milliseconds(60));
  EXPECT_LT(*own, std::chrono::milliseconds(60));
  ASSERT_TRUE(links_.bend({}));
  EXPECT_LT(*travel(other(), node_port, 2000), std::chrono::milliseconds(60));
  EXPECT_EQ(rules_here(), before_);
}

// A busy machine makes any packet late, but not each of many.
TEST_P(HostLinksTest, ADelayIsExact) {
  bend({.delay = std::chrono::milliseconds(40)});
  Duration shortest = std::chrono::seconds(5);
  for (int i = 0; i < 50 && shortest > std::chrono::milliseconds(42); ++i) {
    std::optional<Duration> took = travel(other(), node_port, 5000);
    ASSERT_TRUE(took);
    shortest = std::min(shortest, *took);
  }
  EXPECT_GE(shortest, std::chrono::milliseconds(40));
  EXPECT_LE(shortest, std::chrono::milliseconds(44));
}

// A median of 41 draws by the normal law scatters by 0.2 deviations. A busy machine only adds.
TEST_P(HostLinksTest, DelaysSpreadByTheLawThatIsAskedFor) {
  for (Spread spread : {Spread::normal, Spread::pareto}) {
    bend({.delay = std::chrono::milliseconds(30), .jitter = std::chrono::milliseconds(8),
          .spread = spread});
    Duration more = std::chrono::microseconds(spread == Spread::normal ? 0 : 3300);
    bool calm = false;
    for (int attempt = 0; attempt < 5 && !calm; ++attempt) {
      std::vector<Duration> times = travels(41);
      EXPECT_GE(times[20], std::chrono::milliseconds(24) + more);
      EXPECT_GT(times[36] - times[4], std::chrono::milliseconds(8));
      EXPECT_EQ(times[0] < std::chrono::milliseconds(29), spread == Spread::normal);
      calm = times[20] <= std::chrono::milliseconds(38) + more;
    }
    EXPECT_TRUE(calm);
    ASSERT_TRUE(links_.bend({}));
  }
}

TEST_P(HostLinksTest, TheShareThatIsAskedForIsLost) {
  bend({.loss = {1, 5}});
  std::vector<int> came = flow(500, std::chrono::microseconds(200), 300);
  EXPECT_NEAR(static_cast<double>(came.size()), 400, 45);  // five deviations
  ASSERT_TRUE(links_.bend({}));
  EXPECT_EQ(flow(100, std::chrono::microseconds(200), 300).size(), 100u);
}

TEST_P(HostLinksTest, LossesComeInRuns) {
  bend({.loss = {1, 5}, .loss_run = 4});
  constexpr int count = 2000;
  std::vector<int> came = flow(count, std::chrono::microseconds(100), 300);
  EXPECT_NEAR(static_cast<double>(came.size()), 0.8 * count, 5 * 18 * 2.7);
  int runs = 0;
  for (std::size_t i = 1; i < came.size(); ++i) runs += came[i] > came[i - 1] + 1 ? 1 : 0;
  ASSERT_GT(runs, 0);
  double mean = (count - static_cast<double>(came.size())) / runs;
  EXPECT_NEAR(mean, 4, 1.8);
}

TEST_P(HostLinksTest, SomePacketsAreOvertaken) {
  bend({.reorder = {3, 10}, .reorder_span = std::chrono::milliseconds(50)});
  std::vector<int> came = flow(300, std::chrono::microseconds(500), 500);
  EXPECT_EQ(came.size(), 300u);
  int overtaken = 0;
  int highest = -1;
  for (int number : came) {
    if (number < highest) ++overtaken;
    highest = std::max(highest, number);
  }
  EXPECT_GT(overtaken, 45);
  EXPECT_LT(overtaken, 130);
}

TEST_P(HostLinksTest, ARateIsKept) {
  bend({.rate = 50'000});
  auto begun = Clock::now();
  constexpr std::size_t size = 972;  // 1000 with headers
  std::vector<int> came = flow(50, std::chrono::microseconds(0), 1500, other(), size);
  Duration took = Clock::now() - begun - std::chrono::milliseconds(1500);
  EXPECT_EQ(came.size(), 50u);
  EXPECT_GE(took, std::chrono::milliseconds(950));
  EXPECT_LE(took, std::chrono::milliseconds(4000));
}

TEST_P(HostLinksTest, OneFaultFollowsAnotherAndTheLastLeavesNothing) {
  bend({.delay = std::chrono::milliseconds(60)});
  bend({.loss = {1, 1}});
  EXPECT_FALSE(travel(other(), node_port, 300));
  bend({.duplicate = {1, 1}});
  EXPECT_EQ(flow(1, std::chrono::microseconds(0), 300).size(), 2u);
  ASSERT_TRUE(links_.bend({}));
  EXPECT_EQ(rules_here(), before_);
}

TEST_P(HostLinksTest, WhatIsUnderWayStillArrivesWhenTheFaultEnds) {
  bend({.delay = std::chrono::milliseconds(200)});
  Descriptor far = socket_on(other(), node_port);
  Peer target = peer_at(other(), node_port);
  Descriptor near(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::sendto(near.get(), "x", 1, 0, target.get(), target.size), 1);
  ASSERT_TRUE(links_.bend({}));
  pollfd watch{far.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&watch, 1, 2000), 1);
}

TEST_P(HostLinksTest, WhatIsHeldComesOnceTheHoldEnds) {
  if (by_netem()) {
    EXPECT_FALSE(try_to_bend({.hold = true}));
    return;
  }
  bend({.hold = true});
  Descriptor far = socket_on(other(), node_port);
  Peer target = peer_at(other(), node_port);
  Descriptor near(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (char number : {'1', '2', '3'}) {
    ASSERT_EQ(::sendto(near.get(), &number, 1, 0, target.get(), target.size), 1);
  }
  pollfd watch{far.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&watch, 1, 100), 0);
  ASSERT_TRUE(links_.bend({}));
  std::string came;
  for (char byte = 0; came.size() < 3 && ::poll(&watch, 1, 2000) > 0;) {
    if (::recv(far.get(), &byte, 1, 0) == 1) came += byte;
  }
  EXPECT_EQ(came, "123");
}

TEST_P(HostLinksTest, ADoubledDatagramComesTwice) {
  bend({.duplicate = {1, 1}});
  Descriptor far = socket_on(other(), node_port);
  Peer target = peer_at(other(), node_port);
  Descriptor near(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::sendto(near.get(), "x", 1, 0, target.get(), target.size), 1);
  int copies = 0;
  pollfd watch{far.get(), POLLIN, 0};
  for (char byte = 0; ::poll(&watch, 1, 300) > 0; ++copies) (void)::recv(far.get(), &byte, 1, 0);
  EXPECT_EQ(copies, 2);
}

TEST_P(HostLinksTest, TwoLinksAreDoubledAtOnce) {
  ASSERT_TRUE(try_to_bend({.duplicate = {1, 1}}, {Value(2), Value(3)}));
  EXPECT_EQ(flow(5, std::chrono::microseconds(100), 300).size(), 10u);
  EXPECT_EQ(flow(5, std::chrono::microseconds(100), 300, addresses()[2]).size(), 10u);
}

TEST_P(HostLinksTest, WithoutAReaderOfTheQueueAllPasses) {
  if (by_netem()) GTEST_SKIP() << "this is about the queue";
  ASSERT_TRUE(lay_queueing({node_port}));
  ASSERT_TRUE(treat_what_leaves({.queued = {other()}}));
  std::optional<Duration> took = travel(other(), node_port, 2000);
  ASSERT_TRUE(took);
  EXPECT_LT(*took, std::chrono::milliseconds(60));
  ASSERT_TRUE(remove_queueing());
}

TEST_P(HostLinksTest, ALinkToItselfOrToNobodyIsRefused) {
  for (std::int64_t target : {0, 1, 4, 300}) {
    Map rule;
    rule["name"] = "bent";
    rule["targets"] = Value::list_of(target);
    rule["model"] = Map{};
    EXPECT_FALSE(links_.bend({Value(rule)})) << target;
  }
  EXPECT_EQ(rules_here(), before_);
}

INSTANTIATE_TEST_SUITE_P(Ways, HostLinksTest,
                         testing::Values(Way{"QueueIPv4", "127.0.0.", Packets::queue},
                                         Way{"QueueIPv6", "fd77::", Packets::queue},
                                         Way{"NetemIPv4", "127.0.0.", Packets::netem},
                                         Way{"NetemIPv6", "fd77::", Packets::netem}),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace sunder
