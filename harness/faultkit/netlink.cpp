#include "harness/faultkit/netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int answer_patience_ms = 5000;

}  // namespace

void NetlinkRequest::append(const void* data, std::size_t size) {
  bytes_.append(static_cast<const char*>(data), size);
}

void NetlinkRequest::pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4, '\0'); }

std::size_t NetlinkRequest::begin_message(int subsystem, int message, std::uint16_t flags,
                                          std::uint8_t family, std::uint16_t resource) {
  std::size_t begin = bytes_.size();
  nlmsghdr header{};
  header.nlmsg_type = static_cast<std::uint16_t>(subsystem << 8 | message);
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  header.nlmsg_seq = ++sequence_;
  append(&header, sizeof header);
  nfgenmsg kind{family, NFNETLINK_V0, htons(resource)};
  append(&kind, sizeof kind);
  return begin;
}

void NetlinkRequest::end_message(std::size_t begin) {
  auto size = static_cast<std::uint32_t>(bytes_.size() - begin);
  std::memcpy(bytes_.data() + begin, &size, sizeof size);
}

std::size_t NetlinkRequest::begin_nest(std::uint16_t type) {
  std::size_t begin = bytes_.size();
  nlattr header{0, static_cast<std::uint16_t>(type | NLA_F_NESTED)};
  append(&header, sizeof header);
  return begin;
}

void NetlinkRequest::end_nest(std::size_t begin) {
  auto size = static_cast<std::uint16_t>(bytes_.size() - begin);
  std::memcpy(bytes_.data() + begin, &size, sizeof size);
}

void NetlinkRequest::put(std::uint16_t type, std::string_view bytes) {
  nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + bytes.size()), type};
  append(&header, sizeof header);
  bytes_.append(bytes);
  pad();
}

void NetlinkRequest::put_text(std::uint16_t type, std::string_view text) {
  put(type, std::string(text) + '\0');
}

void NetlinkRequest::put_u16(std::uint16_t type, std::uint16_t number) {
  std::uint16_t wire = htons(number);
  put(type, {reinterpret_cast<const char*>(&wire), sizeof wire});
}

void NetlinkRequest::put_u32(std::uint16_t type, std::uint32_t number) {
  std::uint32_t wire = htonl(number);
  put(type, {reinterpret_cast<const char*>(&wire), sizeof wire});
}

Result<NetlinkSocket> NetlinkSocket::open() {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    return system_error("open a socket to the kernel's packet filter");
  }
  return NetlinkSocket(std::move(socket));
}

bool NetlinkSocket::send(const NetlinkRequest& request) {
  const std::string& bytes = request.bytes();
  return ::send(socket_.get(), bytes.data(), bytes.size(), 0) ==
         static_cast<ssize_t>(bytes.size());
}

int NetlinkSocket::ask(const NetlinkRequest& request, int awaited) {
  if (!send(request)) return errno;
  int refused = 0;
  for (; awaited > 0; --awaited) {
    int answer = await_answer();
    if (refused == 0) refused = answer;
    // What is wrong with a whole batch is said once.
    if (answer != 0) return refused;
  }
  return refused;
}

int NetlinkSocket::await_answer() {
  pollfd watch{socket_.get(), POLLIN, 0};
  while (::poll(&watch, 1, answer_patience_ms) > 0) {
    std::span<const char> bytes = receive();
    nlmsghdr header{};
    nlmsgerr answer{};
    if (bytes.size() < sizeof header + sizeof answer) continue;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nlmsg_type != NLMSG_ERROR) continue;
    std::memcpy(&answer, bytes.data() + NLMSG_HDRLEN, sizeof answer);
    return -answer.error;
  }
  return ETIMEDOUT;
}

std::span<const char> NetlinkSocket::receive() {
  ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  return {buffer_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace sunder
