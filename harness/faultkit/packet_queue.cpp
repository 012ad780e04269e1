#include "harness/faultkit/packet_queue.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint32_t packets_max = 65'536;        // waiting; the kernel drops further ones
constexpr int buffer_size = 16 << 20;                // bytes on their way to us

NetlinkRequest configuration(std::uint16_t number, std::uint16_t type, std::string_view value) {
  NetlinkRequest request;
  std::size_t begin = request.begin_message(NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, NLM_F_ACK,
                                            AF_UNSPEC, number);
  request.put(type, value);
  request.end_message(begin);
  return request;
}

struct Packet {
  std::uint32_t id = 0;
  std::string_view bytes;
};

// The attributes of one message.
Packet packet_from(std::span<const char> message) {
  Packet packet;
  each_attribute(message, NLMSG_HDRLEN + sizeof(nfgenmsg), [&](int type, std::string_view value) {
    if (type == NFQA_PACKET_HDR && value.size() >= sizeof(nfqnl_msg_packet_hdr)) {
      nfqnl_msg_packet_hdr said{};
      std::memcpy(&said, value.data(), sizeof said);
      packet.id = ntohl(said.packet_id);
    } else if (type == NFQA_PAYLOAD) {
      packet.bytes = value;
    }
  });
  return packet;
}

}  // namespace

Result<PacketQueue> PacketQueue::open(std::uint16_t number) {
  Result<NetlinkSocket> socket = NetlinkSocket::open();
  if (!socket) return socket.error();
  const nfqnl_msg_config_cmd bind{NFQNL_CFG_CMD_BIND, 0, htons(AF_UNSPEC)};
  const nfqnl_msg_config_params whole{htonl(0xffff), NFQNL_COPY_PACKET};
  const std::uint32_t most = htonl(packets_max);
  for (const NetlinkRequest& request :
       {configuration(number, NFQA_CFG_CMD, bytes_of(bind)),
        configuration(number, NFQA_CFG_PARAMS, {reinterpret_cast<const char*>(&whole), 5}),
        configuration(number, NFQA_CFG_QUEUE_MAXLEN, bytes_of(most))}) {
    int refused = socket->ask(request, 1);
    if (refused == 0) continue;
    errno = refused;
    return system_error("read the packet filter's queue " + std::to_string(number),
                        "the kernel needs nfnetlink_queue, and nobody else may read this queue");
  }
  int buffer = buffer_size;
  (void)::setsockopt(socket->descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  int yes = 1;  // a burst that does not fit is lost like on a full line, and no error
  (void)::setsockopt(socket->descriptor(), SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes);
  return PacketQueue(*std::move(socket), number);
}

void PacketQueue::receive(const Take& take) {
  constexpr int reads_in_a_row = 256;  // then whoever owns us has other things to do
  for (int i = 0; i < reads_in_a_row; ++i) {
    std::span<const char> rest = socket_.receive();
    if (rest.empty()) return;
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, rest.data(), sizeof header);
      std::size_t size = std::min<std::size_t>(header.nlmsg_len, rest.size());
      if (size < sizeof header) return;
      if (header.nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) {
        Packet packet = packet_from(rest.first(size));
        take(packet.id, packet.bytes);
      }
      rest = rest.subspan(std::min(rest.size(), (size + 3) / 4 * 4));
    }
  }
}

void PacketQueue::pass(std::uint32_t id) { decide(id, NF_ACCEPT, {}); }

void PacketQueue::pass_changed(std::uint32_t id, std::string_view packet) {
  decide(id, NF_ACCEPT, packet);
}

void PacketQueue::drop(std::uint32_t id) { decide(id, NF_DROP, {}); }

void PacketQueue::decide(std::uint32_t id, std::uint32_t verdict, std::string_view changed) {
  NetlinkRequest request;
  std::size_t begin =
      request.begin_message(NFNL_SUBSYS_QUEUE, NFQNL_MSG_VERDICT, 0, AF_UNSPEC, number_);
  const nfqnl_msg_verdict_hdr said{htonl(verdict), htonl(id)};
  request.put(NFQA_VERDICT_HDR, bytes_of(said));
  if (!changed.empty()) request.put(NFQA_PAYLOAD, changed);
  request.end_message(begin);
  (void)socket_.send(request);  // of a packet that the kernel has forgotten: nothing
}

}  // namespace sunder
