#include "harness/faultkit/packet.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr std::uint8_t tcp_number = 6;
constexpr std::uint8_t udp_number = 17;
constexpr std::size_t v4_size = 20;
constexpr std::size_t v6_size = 40;
constexpr std::size_t tcp_size = 20;
constexpr std::size_t udp_size = 8;
constexpr unsigned fin_bit = 0x01;
constexpr unsigned syn_bit = 0x02;
constexpr unsigned rst_bit = 0x04;
constexpr unsigned ack_bit = 0x10;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t short_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

std::uint32_t long_at(std::string_view bytes, std::size_t at) {
  return std::uint32_t{short_at(bytes, at)} << 16 | short_at(bytes, at + 2);
}

void put_short(std::string& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<char>(value >> 8 & 0xff));
  bytes.push_back(static_cast<char>(value & 0xff));
}

void put_long(std::string& bytes, std::uint32_t value) {
  put_short(bytes, value >> 16);
  put_short(bytes, value & 0xffff);
}

/// The sum that IP, TCP and UDP check by: of 16-bit words, with the carries added.
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += short_at(bytes, i);
  if (bytes.size() % 2 == 1) sum += byte_at(bytes, bytes.size() - 1) << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

void write_short(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

bool is_v6(std::string_view packet) { return byte_at(packet, 0) >> 4 == 6; }

/// What an IP packet carries.
struct Payload {
  std::uint8_t protocol = 0;
  std::string_view bytes;
};

std::optional<Payload> payload_of_v4(std::string_view packet) {
  if (packet.size() < v4_size) return {};
  std::size_t header = 4 * (byte_at(packet, 0) & 0x0fU);
  std::size_t size = short_at(packet, 2);
  bool later_fragment = (short_at(packet, 6) & 0x1fff) != 0;
  if (later_fragment || header < v4_size || size < header || packet.size() < size) return {};
  return Payload{static_cast<std::uint8_t>(byte_at(packet, 9)),
                 packet.substr(header, size - header)};
}

/// Past the extension headers, each of which names the next.
std::optional<Payload> payload_of_v6(std::string_view packet) {
  constexpr std::uint8_t hop_by_hop = 0;
  constexpr std::uint8_t routing = 43;
  constexpr std::uint8_t fragment = 44;
  constexpr std::uint8_t destination = 60;
  if (packet.size() < v6_size) return {};
  std::size_t size = v6_size + short_at(packet, 4);
  if (packet.size() < size) return {};
  auto next = static_cast<std::uint8_t>(byte_at(packet, 6));
  std::string_view rest = packet.substr(v6_size, size - v6_size);
  while (next == hop_by_hop || next == routing || next == fragment || next == destination) {
    if (rest.size() < 8) return {};
    if (next == fragment && (short_at(rest, 2) & 0xfff8) != 0) return {};
    std::size_t header = next == fragment ? 8 : 8 * (byte_at(rest, 1) + std::size_t{1});
    if (rest.size() < header) return {};
    next = static_cast<std::uint8_t>(byte_at(rest, 0));
    rest.remove_prefix(header);
  }
  return Payload{next, rest};
}

struct Reset {
  bool back = false;  // to whoever sent the packet
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  bool ack = false;
};

std::string reset_packet(std::string_view packet, const Segment& segment, const Reset& reset) {
  bool v6 = is_v6(packet);
  std::size_t width = v6 ? 16 : 4;
  std::string_view source = packet.substr(v6 ? 8 : 12, width);
  std::string_view target = packet.substr(v6 ? 24 : 16, width);
  if (reset.back) std::swap(source, target);
  std::string tcp;
  put_short(tcp, reset.back ? segment.target_port : segment.source_port);
  put_short(tcp, reset.back ? segment.source_port : segment.target_port);
  put_long(tcp, reset.sequence);
  put_long(tcp, reset.acknowledged);
  put_short(tcp, 5U << 12 | rst_bit | (reset.ack ? ack_bit : 0));
  tcp += std::string(6, '\0');  // window, checksum, urgent pointer
  std::string summed = std::string(source) + std::string(target);
  put_long(summed, tcp_size);
  put_long(summed, tcp_number);
  write_short(tcp, 16, checksum(summed + tcp));

  constexpr unsigned hops = 64;
  std::string ip;
  if (v6) {
    put_long(ip, 6U << 28);
    put_short(ip, tcp_size);
    put_short(ip, std::uint32_t{tcp_number} << 8 | hops);
    return ip.append(source).append(target) + tcp;
  }
  constexpr std::uint32_t may_not_be_cut = 0x4000;
  put_short(ip, 0x4500);
  put_short(ip, v4_size + tcp_size);
  put_short(ip, 0);
  put_short(ip, may_not_be_cut);
  put_short(ip, hops << 8 | tcp_number);
  put_short(ip, 0);
  ip.append(source).append(target);
  write_short(ip, 10, checksum(ip));
  return ip + tcp;
}

}  // namespace

std::optional<Segment> segment_of(std::string_view packet) {
  if (packet.empty()) return {};
  std::optional<Payload> payload = is_v6(packet) ? payload_of_v6(packet) : payload_of_v4(packet);
  if (!payload) return {};
  std::string_view bytes = payload->bytes;
  bool tcp = payload->protocol == tcp_number;
  if (!tcp && payload->protocol != udp_number) return {};
  if (bytes.size() < (tcp ? tcp_size : udp_size)) return {};
  Segment segment{.tcp = tcp, .source_port = short_at(bytes, 0), .target_port = short_at(bytes, 2)};
  if (!tcp) return segment;
  std::size_t header = 4 * (byte_at(bytes, 12) >> 4);
  if (header < tcp_size || bytes.size() < header) return {};
  unsigned flags = byte_at(bytes, 13);
  segment.syn = (flags & syn_bit) != 0;
  segment.ack = (flags & ack_bit) != 0;
  segment.rst = (flags & rst_bit) != 0;
  segment.sequence = long_at(bytes, 4);
  segment.acknowledged = long_at(bytes, 8);
  segment.length = static_cast<std::uint32_t>(bytes.size() - header) + (segment.syn ? 1 : 0) +
                   ((flags & fin_bit) != 0 ? 1 : 0);
  return segment;
}

// RFC 9293, 3.5.2: the answer takes its sequence from what was acknowledged, or else acknowledges
// the segment, so that its receiver believes it.
std::string reset_for_source(std::string_view packet, const Segment& segment) {
  ASSERT(segment.tcp);
  Reset reset{.back = true};
  if (segment.ack) {
    reset.sequence = segment.acknowledged;
  } else {
    reset.acknowledged = segment.sequence + segment.length;
    reset.ack = true;
  }
  return reset_packet(packet, segment, reset);
}

std::string reset_for_target(std::string_view packet, const Segment& segment) {
  ASSERT(segment.tcp);
  return reset_packet(packet, segment,
                      {.sequence = segment.sequence, .acknowledged = segment.acknowledged,
                       .ack = segment.ack});
}

}  // namespace sunder
