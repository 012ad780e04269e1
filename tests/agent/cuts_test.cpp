// Cuts of single ports and of clients, and connections reset or refused, by an agent's own means,
// IPv4 and IPv6, between addresses of one host.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <thread>

#include "harness/agent/host_links.h"
#include "harness/agent/line_probes.h"
#include "harness/agent/peer.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/tool.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr std::uint16_t node_port = 7000;
constexpr Duration patience = std::chrono::seconds(5);

std::string rules_here() {
  Result<std::string> listed = run_tool({"nft", "list", "ruleset"}, "", patience);
  return listed ? *listed : listed.error().context;
}

/// A TCP socket that is bound to an address, and to a port unless that is 0.
Descriptor socket_on(const std::string& address, std::uint16_t port) {
  Peer place = peer_at(address, port);
  Descriptor socket(::socket(place.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  timeval limit{.tv_sec = 0, .tv_usec = 300'000};  // also of connect()
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  EXPECT_EQ(::bind(socket.get(), place.get(), place.size), 0) << address;
  return socket;
}

class CutsTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    ASSERT_TRUE(bring_up("lo"));
    for (const char* last : {"1", "2"}) {
      (void)run_tool({"ip", "address", "add", GetParam() + last, "dev", "lo"}, "", patience);
    }
    if (Status possible = filters_are_possible(); !possible) {
      GTEST_SKIP() << possible.error().context;
    }
    before_ = rules_here();
    links_.settle({1, {own(), other()}, {22}, {node_port}, 1, {node_port}});
    server_ = socket_on(own(), node_port);
    ASSERT_EQ(::listen(server_.get(), 8), 0);
  }
  void TearDown() override {
    if (IsSkipped()) return;
    links_.undo();
    EXPECT_EQ(rules_here(), before_);
    EXPECT_FALSE(journal_.has(UndoJournal::cuts));
  }
  std::string own() const { return GetParam() + "1"; }
  std::string other() const { return GetParam() + "2"; }
  void cut(const Cuts& cuts) {
    Status done = links_.cut(cuts);
    ASSERT_TRUE(done) << done.error().context;
  }
  /// The errno of an attempt to reach our node's port from the other address.
  int knock(Descriptor& socket) const {
    socket = socket_on(other(), 0);
    Peer target = peer_at(own(), node_port);
    return ::connect(socket.get(), target.get(), target.size) == 0 ? 0 : errno;
  }

  TemporaryFolder folder_;
  UndoJournal journal_{folder_.path() / "undo"};
  HostLinks links_{journal_};
  Descriptor server_;
  std::string before_;
};

TEST_P(CutsTest, OnlyTheNamedPortIsCut) {
  Descriptor socket;
  cut({.ports = {{other(), 7001}}});
  EXPECT_EQ(knock(socket), 0);
  cut({.ports = {{other(), node_port}}});
  EXPECT_EQ(knock(socket), EINPROGRESS) << "no answer in time";
  cut({});
  EXPECT_EQ(knock(socket), 0);
}

TEST_P(CutsTest, WhoAsksIsRefusedAndWhoTalksIsNot) {
  Descriptor talking;
  ASSERT_EQ(knock(talking), 0);
  cut({.refused = {other()}});
  Descriptor asking;
  EXPECT_EQ(knock(asking), ECONNREFUSED);
  EXPECT_EQ(::send(talking.get(), "x", 1, MSG_NOSIGNAL), 1);
  Descriptor server(::accept(server_.get(), nullptr, nullptr));
  char byte = 0;
  EXPECT_EQ(::recv(server.get(), &byte, 1, 0), 1);
  ASSERT_TRUE(links_.counts());
  EXPECT_GT(links_.counts()->resets, 0);
}

TEST_P(CutsTest, WhoTalksIsReset) {
  Descriptor talking;
  ASSERT_EQ(knock(talking), 0);
  cut({.reset = {other()}});
  EXPECT_EQ(::send(talking.get(), "x", 1, MSG_NOSIGNAL), 1);
  char byte = 0;
  EXPECT_EQ(::recv(talking.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  std::int64_t counted = links_.counts()->resets;
  EXPECT_GT(counted, 0);
  cut({.refused = {other()}});
  EXPECT_EQ(links_.counts()->resets, counted) << "counts go on when the table is made anew";
}

TEST_P(CutsTest, ProbesOfOurOwnAreStruckAndNotCounted) {
  auto near = LineProbes::open(1, {own(), other()});
  auto far = LineProbes::open(2, {own(), other()});
  ASSERT_TRUE(near && far);
  auto state = [&](bool talks) {
    if (talks) near->talk("test");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (int i = 0; i < 2; ++i) far->serve();  // accepts, then answers
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return std::string(near->states("test")[2]);
  };
  near->dial("test", {2});
  EXPECT_EQ(state(true), "open");
  // A line's address on its near side is its node's, here as on hosts.
  cut({.reset = {own(), other()}});
  EXPECT_EQ(state(true), "reset");
  cut({.refused = {own(), other()}});
  near->dial("test", {2});
  EXPECT_EQ(state(false), "refused");
  cut({.addresses = {own(), other()}});
  near->dial("test", {2});
  EXPECT_EQ(state(false), "silent");
  EXPECT_EQ(links_.counts()->resets, 0);
}

TEST_P(CutsTest, ClientsAreWhoeverIsNoNodeAndNotOfThisHost) {
  Descriptor socket;
  cut({.requests = true, .replies = true, .refuses_clients = true, .resets_clients = true});
  EXPECT_EQ(knock(socket), 0) << "a node, and this host's own";
  EXPECT_EQ(links_.counts()->requests, 0);
}

TEST_P(CutsTest, AnAddressThatIsNoneIsRefusedAndLeavesNothing) {
  EXPECT_FALSE(links_.cut({.ports = {{"n2; flush ruleset", 7000}}}));
  EXPECT_FALSE(links_.cut({.refused = {"everybody"}}));
  EXPECT_EQ(rules_here(), before_);
}

INSTANTIATE_TEST_SUITE_P(Families, CutsTest, testing::Values("127.0.0.", "fd77::"),
                         [](const auto& prefix) {
                           return prefix.param == "fd77::" ? "IPv6" : "IPv4";
                         });

}  // namespace
}  // namespace sunder
