// Links bent by an agent's own means, IPv4 and IPv6, between addresses of one host.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

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
  Result<std::string> listed = run_tool({"nft", "list", "ruleset"}, "", patience);
  return listed ? *listed : listed.error().context;
}

class HostLinksTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    ASSERT_TRUE(bring_up("lo"));
    for (const std::string& address : addresses()) {
      (void)run_tool({"ip", "address", "add", address, "dev", "lo"}, "", patience);
    }
    if (Status possible = queueing_is_possible(); !possible) {
      GTEST_SKIP() << possible.error().context;
    }
    before_ = rules_here();
    links_.settle({1, addresses(), {}, {node_port}, 1});
  }
  void TearDown() override {
    if (IsSkipped()) return;
    links_.undo();
    EXPECT_EQ(rules_here(), before_);
  }
  std::vector<std::string> addresses() const { return {GetParam() + "1", GetParam() + "2"}; }
  std::string other() const { return addresses()[1]; }
  void bend(const LinkModel& model) {
    Map rule;
    rule["name"] = "bent";
    rule["targets"] = Value::list_of(2);
    rule["model"] = to_value(model);
    Status done = links_.bend({Value(rule)});
    ASSERT_TRUE(done) << done.error().context;
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

TEST_P(HostLinksTest, WhatIsHeldComesOnceTheHoldEnds) {
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

TEST_P(HostLinksTest, WithoutAReaderOfTheQueueAllPasses) {
  ASSERT_TRUE(lay_queueing({node_port}));
  ASSERT_TRUE(queue_what_leaves_for({other()}));
  std::optional<Duration> took = travel(other(), node_port, 2000);
  ASSERT_TRUE(took);
  EXPECT_LT(*took, std::chrono::milliseconds(60));
  ASSERT_TRUE(remove_queueing());
}

TEST_P(HostLinksTest, ALinkToItselfOrToNobodyIsRefused) {
  for (std::int64_t target : {0, 1, 3, 300}) {
    Map rule;
    rule["name"] = "bent";
    rule["targets"] = Value::list_of(target);
    rule["model"] = Map{};
    EXPECT_FALSE(links_.bend({Value(rule)})) << target;
  }
  EXPECT_EQ(rules_here(), before_);
}

INSTANTIATE_TEST_SUITE_P(Families, HostLinksTest, testing::Values("127.0.0.", "fd77::"),
                         [](const auto& prefix) {
                           return prefix.param == "fd77::" ? "IPv6" : "IPv4";
                         });

}  // namespace
}  // namespace sunder
