#include "harness/real/lab/switch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <bit>
#include <charconv>
#include <thread>

#include "harness/faultkit/interface.h"
#include "harness/faultkit/packet.h"
#include "harness/real/trace_file.h"

namespace sunder {
namespace {

/// A switch of three nodes whose ports are socket pairs: no privilege is needed.
class SwitchTest : public testing::Test {
 protected:
  void open(const LinkModel& base = {}, std::optional<SwitchStall> stall = {}) {
    std::vector<Descriptor> ports;
    for (int i = 0; i < 4; ++i) {
      std::array<int, 2> ends{};
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                             ends.data()), 0);
      ports.emplace_back(ends[0]);
      ends_.emplace_back(ends[1]);
    }
    Descriptor controller = std::move(ports.back());
    ports.pop_back();
    switch_ = std::make_unique<Switch>(std::move(ports), std::move(controller),
                                       LinkTable(3, base, 1),
                                       [] { return instant_at(host_nanoseconds()); }, stall);
  }
  void send(std::size_t from, std::uint8_t to_port, const std::string& text) {
    MacAddress target = mac_of_port(to_port);
    std::string frame(target.begin(), target.end());
    frame += std::string(8, '\0') + text;
    ASSERT_GT(::send(ends_[from].get(), frame.data(), frame.size(), 0), 0);
  }
  /// The text of the next frame, or "" when none comes within the time limit.
  std::string receive(std::size_t at, int limit_ms) {
    pollfd watch{ends_[at].get(), POLLIN, 0};
    if (::poll(&watch, 1, limit_ms) != 1) return "";
    std::array<char, 2000> frame;
    ssize_t size = ::recv(ends_[at].get(), frame.data(), frame.size(), 0);
    return size < 14 ? "" : std::string(frame.data() + 14, static_cast<std::size_t>(size) - 14);
  }
  /// Sends a TCP segment from port 40000 of one node to port 7000 of another one's address.
  void send_segment(std::size_t from, std::uint8_t to_port, char flags) {
    constexpr char tcp = 6;
    std::string packet("\x45\0\0\x28\0\0\x40\0\x40\0\0\0", 12);
    packet[9] = tcp;
    packet += std::string("\x0a\x4d\0", 3) + static_cast<char>(from + 1);
    packet += std::string("\x0a\x4d\0", 3) + static_cast<char>(to_port);
    packet += std::string("\x9c\x40\x1b\x58\0\0\0\x05\0\0\0\x07\x50", 13) + flags;
    packet += std::string("\xff\xff\0\0\0\0", 6);
    MacAddress target = mac_of_port(to_port);
    MacAddress source = mac_of_port(static_cast<std::uint8_t>(from + 1));
    std::string frame(target.begin(), target.end());
    frame.append(source.begin(), source.end());
    frame += std::string("\x08\0", 2) + packet;
    ASSERT_GT(::send(ends_[from].get(), frame.data(), frame.size(), 0), 0);
  }
  /// What comes at a port: "syn", "data" or "reset"; or "" when nothing does.
  std::string receive_segment(std::size_t at) {
    std::optional<Segment> segment = segment_of(receive(at, 200));
    if (!segment) return "";
    return segment->rst ? "reset" : segment->syn ? "syn" : "data";
  }
  static constexpr char syn = 0x02;
  static constexpr char ack = 0x10;
  static Link link(int from, int to) { return {NodeId::node(from), NodeId::node(to)}; }

  std::vector<Descriptor> ends_;  // n1, n2, n3, controller
  std::unique_ptr<Switch> switch_;
};

TEST_F(SwitchTest, CarriesFramesByAddress) {
  open();
  send(0, 2, "to n2");
  send(0, controller_port, "to the controller");
  send(3, 3, "to n3");
  EXPECT_EQ(receive(1, 1000), "to n2");
  EXPECT_EQ(receive(3, 1000), "to the controller");
  EXPECT_EQ(receive(2, 1000), "to n3");
  EXPECT_EQ(switch_->delivered(), 1u);  // between nodes
}

TEST_F(SwitchTest, DelaysAndKeepsOrderInSpiteOfJitter) {
  open({.delay = std::chrono::milliseconds(30), .jitter = std::chrono::milliseconds(5)});
  std::int64_t begin = host_nanoseconds();
  for (int i = 0; i < 50; ++i) send(0, 2, std::to_string(i));
  EXPECT_EQ(receive(1, 2000), "0");
  EXPECT_GE(host_nanoseconds() - begin, 30'000'000);
  for (int i = 1; i < 50; ++i) EXPECT_EQ(receive(1, 2000), std::to_string(i));
}

TEST_F(SwitchTest, LosesTheShareAskedFor) {
  open({.loss = {3, 10}});
  int arrived = 0;
  for (int i = 0; i < 1000; ++i) {
    send(0, 2, "x");
    if (i % 100 == 99) {
      while (!receive(1, 50).empty()) ++arrived;
    }
  }
  EXPECT_GT(arrived, 620);
  EXPECT_LT(arrived, 780);
}

TEST_F(SwitchTest, CutsOneDirectionAndHeals) {
  open();
  switch_->impose("cut", {link(0, 1)}, {.blocked = true});
  EXPECT_TRUE(switch_->blocked(0, 1));
  send(0, 2, "lost");
  send(1, 1, "back");
  EXPECT_EQ(receive(0, 1000), "back");
  EXPECT_EQ(receive(1, 100), "");
  switch_->lift("cut");
  send(0, 2, "healed");
  EXPECT_EQ(receive(1, 1000), "healed");
}

TEST_F(SwitchTest, LiftingOneRuleLeavesTheOther) {
  open();
  switch_->impose("first", {link(0, 1)}, {.blocked = true});
  switch_->impose("second", {link(0, 1), link(0, 2)}, {.blocked = true});
  switch_->lift("second");
  EXPECT_TRUE(switch_->blocked(0, 1));
  EXPECT_FALSE(switch_->blocked(0, 2));
}

TEST_F(SwitchTest, HoldsAndThenDeliversAll) {
  open();
  switch_->impose("jam", {link(0, 1)}, {.hold = true});
  send(0, 2, "a");
  send(0, 2, "b");
  EXPECT_EQ(receive(1, 100), "");
  switch_->lift("jam");
  EXPECT_EQ(receive(1, 1000), "a");
  EXPECT_EQ(receive(1, 1000), "b");
}

TEST_F(SwitchTest, LimitsTheRate) {
  open({.rate = 100'000});
  std::int64_t begin = host_nanoseconds();
  for (int i = 0; i < 10; ++i) send(0, 2, std::string(986, 'x'));  // 1000 bytes each
  for (int i = 0; i < 10; ++i) EXPECT_EQ(receive(1, 2000).size(), 986u);
  EXPECT_GE(host_nanoseconds() - begin, 99'000'000);
}

TEST_F(SwitchTest, RulesLieOneAfterAnother) {
  open();
  switch_->impose("slow", {link(0, 1)}, {.delay = std::chrono::milliseconds(30)});
  switch_->impose("doubled", {link(0, 1)}, {.duplicate = {1, 1}});
  std::int64_t begin = host_nanoseconds();
  send(0, 2, "x");
  EXPECT_EQ(receive(1, 1000), "x");
  EXPECT_GE(host_nanoseconds() - begin, 30'000'000);
  EXPECT_EQ(receive(1, 1000), "x");
  EXPECT_EQ(switch_->rules().size(), 2u);
  switch_->lift("slow");
  switch_->lift("doubled");
  send(0, 2, "y");
  EXPECT_EQ(receive(1, 1000), "y");
  EXPECT_EQ(receive(1, 100), "");
}

TEST_F(SwitchTest, LetsSomeFramesOvertakeOthers) {
  open({.reorder = {1, 3}, .reorder_span = std::chrono::milliseconds(50)});
  for (int i = 0; i < 100; ++i) {
    send(0, 2, std::to_string(i));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  int overtaken = 0;
  int latest = -1;
  for (int i = 0; i < 100; ++i) {
    std::string text = receive(1, 1000);
    ASSERT_FALSE(text.empty());
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number < latest) ++overtaken;
    latest = std::max(latest, number);
  }
  EXPECT_GT(overtaken, 10);
  EXPECT_LT(overtaken, 60);
}

TEST_F(SwitchTest, FlipsOneBitOfWhatItCorrupts) {
  open({.corrupt = {1, 1}});
  std::string sent(100, 'x');
  send(0, 2, sent);
  std::string came = receive(1, 1000);
  ASSERT_EQ(came.size(), sent.size());
  int flipped = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    flipped += std::popcount(static_cast<unsigned>(static_cast<unsigned char>(sent[i] ^ came[i])));
    if (i < 28) {
      EXPECT_EQ(sent[i], came[i]);  // where an IP header and the ports would stand
    }
  }
  EXPECT_EQ(flipped, 1);
}

TEST_F(SwitchTest, CutsASinglePort) {
  open();
  switch_->impose("port", {link(0, 1)}, {.blocked = true, .port = 7000});
  send_segment(0, 2, syn);
  send(0, 2, "no IP at all");
  EXPECT_EQ(receive(1, 1000), "no IP at all");
  send_segment(0, 3, syn);
  EXPECT_EQ(receive_segment(2), "syn");
  switch_->impose("port", {link(0, 1)}, {.blocked = true, .port = 7001});
  send_segment(0, 2, syn);
  EXPECT_EQ(receive_segment(1), "syn");
}

TEST_F(SwitchTest, RefusesWhoAsksForAConnection) {
  open();
  switch_->impose("refuse", {link(0, 1)}, {.refuse = true});
  send_segment(0, 2, syn);
  EXPECT_EQ(receive_segment(0), "reset");
  EXPECT_EQ(receive_segment(1), "") << "nobody else hears of it";
  send_segment(0, 2, ack);
  EXPECT_EQ(receive_segment(1), "data");
  EXPECT_EQ(switch_->tolls()[NodeId::node(1)].resets, 1);
}

TEST_F(SwitchTest, ResetsBothEndsOfAConnection) {
  open();
  switch_->impose("reset", {link(0, 1)}, {.reset = true});
  send_segment(0, 2, ack);
  EXPECT_EQ(receive_segment(0), "reset");
  EXPECT_EQ(receive_segment(1), "reset");
  send_segment(0, 2, syn);
  EXPECT_EQ(receive_segment(1), "syn") << "a new one may be asked for";
  send_segment(1, 1, ack);
  EXPECT_EQ(receive_segment(0), "data") << "the other direction is not struck";
  switch_->lift("reset");
  send_segment(0, 2, ack);
  EXPECT_EQ(receive_segment(1), "data");
}

TEST_F(SwitchTest, CutsClientsInOneDirection) {
  open();
  switch_->impose("cut", {{NodeId::all_clients(), NodeId::node(0)}}, {.blocked = true});
  send(3, 1, "lost");
  send(3, 2, "to n2");
  send(0, controller_port, "from n1");
  EXPECT_EQ(receive(1, 1000), "to n2");
  EXPECT_EQ(receive(3, 1000), "from n1");
  EXPECT_EQ(receive(0, 100), "");
  switch_->impose("cut", {{NodeId::node(0), NodeId::all_clients()}}, {.blocked = true});
  send(0, controller_port, "lost");
  send(3, 1, "to n1");
  EXPECT_EQ(receive(0, 1000), "to n1");
  EXPECT_EQ(receive(3, 100), "");
  LinkToll toll = switch_->tolls()[NodeId::node(0)];
  EXPECT_EQ(toll.requests, 1);
  EXPECT_EQ(toll.replies, 1);
}

TEST_F(SwitchTest, KnowsWhenItWasStarved) {
  open({.delay = std::chrono::milliseconds(1)},
       SwitchStall{std::chrono::milliseconds(100), std::chrono::milliseconds(150)});
  for (int i = 0; i < 40; ++i) {
    send(0, 2, "x");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::vector<HarnessLag> lags = switch_->lags();
  ASSERT_FALSE(lags.empty());
  Duration worst{0};
  for (const HarnessLag& lag : lags) worst = std::max(worst, lag.worst);
  EXPECT_GE(worst, std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace sunder
