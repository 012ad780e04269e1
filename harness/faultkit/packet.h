#pragma once
// What a packet of TCP or UDP is, by its headers, and packets that end a TCP connection.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sunder {

struct Segment {
  bool tcp = false;  // else UDP
  std::uint16_t source_port = 0;
  std::uint16_t target_port = 0;
  // Of TCP only.
  bool syn = false;
  bool ack = false;
  bool rst = false;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint32_t length = 0;  // of the sequence: payload, and one each for SYN and FIN

  bool concerns_port(std::uint16_t port) const {
    return source_port == port || target_port == port;
  }
  bool asks_for_connection() const { return tcp && syn && !ack && !rst; }
};

/// Of an IPv4 or IPv6 packet from its IP header on. None: it carries something else, or is torn, or
/// is a fragment but the first, which has no ports and without the first is worth nothing.
std::optional<Segment> segment_of(std::string_view packet);

/// Packets as the one end of a connection would send the other to say that there is none: the
/// answer to a segment, and what could come in its place. REQUIRES: segment_of(packet) is `segment`
std::string reset_for_source(std::string_view packet, const Segment& segment);
std::string reset_for_target(std::string_view packet, const Segment& segment);

}  // namespace sunder
