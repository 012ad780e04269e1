// What packets are by their headers, and resets that a kernel would believe.

#include "harness/faultkit/packet.h"

#include <gtest/gtest.h>

namespace sunder {
namespace {

std::string hex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (char digit : text) {
    int value = digit >= 'a' ? digit - 'a' + 10 : digit - '0';
    if (digit == ' ') continue;
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  return bytes;
}

// 10.77.0.1:40000 > 10.77.0.2:7000, sequence 1000, acknowledged 2000, three bytes of payload.
const std::string v4 = hex(
    "4500 002b 0000 4000 4006 0000 0a4d0001 0a4d0002"
    "9c40 1b58 000003e8 000007d0 5018 ffff 0000 0000 616263");
// fd77::1:40000 > fd77::2:7000, SYN, sequence 1000.
const std::string v6 = hex(
    "60000000 0014 06 40 fd770000000000000000000000000001 fd770000000000000000000000000002"
    "9c40 1b58 000003e8 00000000 5002 ffff 0000 0000");

// Zero of a header, or of a segment behind its pseudo header, that is whole.
unsigned sum_of(const std::string& bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) << 8;
    if (i + 1 < bytes.size()) sum += static_cast<unsigned char>(bytes[i + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return 0xffff - sum;
}

TEST(Packet, IsReadFromBothFamilies) {
  auto data = segment_of(v4);
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->tcp && data->ack && !data->syn && !data->asks_for_connection());
  EXPECT_EQ(data->source_port, 40000);
  EXPECT_EQ(data->target_port, 7000);
  EXPECT_EQ(data->sequence, 1000u);
  EXPECT_EQ(data->acknowledged, 2000u);
  EXPECT_EQ(data->length, 3u);
  auto asks = segment_of(v6);
  ASSERT_TRUE(asks);
  EXPECT_TRUE(asks->asks_for_connection());
  EXPECT_EQ(asks->length, 1u) << "a SYN takes one";
  EXPECT_TRUE(asks->concerns_port(7000) && asks->concerns_port(40000));
  EXPECT_FALSE(asks->concerns_port(22));
}

TEST(Packet, OfUdpHasPortsOnly) {
  auto datagram =
      segment_of(hex("4500 001d 0000 0000 4011 0000 0a4d0001 0a4d0002 1b57 1b58 0009 0000 78"));
  ASSERT_TRUE(datagram);
  EXPECT_FALSE(datagram->tcp);
  EXPECT_EQ(datagram->target_port, 7000);
}

TEST(Packet, InFragmentsHasPortsOnlyInTheFirst) {
  std::string first = v4;
  first[6] = 0x20;  // more follow
  EXPECT_TRUE(segment_of(first));
  std::string later = v4;
  later[7] = 0x05;
  EXPECT_FALSE(segment_of(later));
  std::string fragment = hex("0600 0001 00000007");  // IPv6 has a header for it; behind it TCP
  std::string first6 = v6.substr(0, 40) + fragment + v6.substr(40);
  first6[5] = 0x1c;
  first6[6] = 44;
  auto seen = segment_of(first6);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->target_port, 7000);
  first6[43] = 0x09;  // not at the beginning
  EXPECT_FALSE(segment_of(first6));
}

TEST(Packet, TornAnywhereIsNone) {
  for (const std::string& whole : {v4, v6}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(segment_of(whole.substr(0, size))) << size;
    }
  }
  std::string bad = v4;
  bad[32] = 0x10;  // a TCP header of four bytes
  EXPECT_FALSE(segment_of(bad));
}

TEST(Packet, AResetOfASegmentIsWhatItsReceiverWouldAnswer) {
  std::string reset = reset_for_source(v4, *segment_of(v4));
  ASSERT_EQ(reset.size(), 40u);
  EXPECT_EQ(reset.substr(12, 8), hex("0a4d0002 0a4d0001"));
  EXPECT_EQ(sum_of(reset.substr(0, 20)), 0u);
  EXPECT_EQ(sum_of(reset.substr(12, 8) + hex("00000014 00000006") + reset.substr(20)), 0u);
  auto seen = segment_of(reset);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->rst && !seen->ack);
  EXPECT_EQ(seen->sequence, 2000u) << "the next that the sender expects";
  EXPECT_EQ(seen->source_port, 7000);
}

TEST(Packet, TheOtherEndIsResetInTheNameOfTheSender) {
  auto seen = segment_of(reset_for_target(v4, *segment_of(v4)));
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->rst && seen->ack);
  EXPECT_EQ(seen->sequence, 1000u);
  EXPECT_EQ(seen->acknowledged, 2000u);
  EXPECT_EQ(seen->source_port, 40000);
}

TEST(Packet, WhoAsksIsToldThatNobodyListens) {
  std::string reset = reset_for_source(v6, *segment_of(v6));
  ASSERT_EQ(reset.size(), 60u);
  EXPECT_EQ(sum_of(reset.substr(8, 32) + hex("00000014 00000006") + reset.substr(40)), 0u);
  auto seen = segment_of(reset);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->rst && seen->ack);
  EXPECT_EQ(seen->acknowledged, 1001u);
}

}  // namespace
}  // namespace sunder
