#include "harness/faultkit/netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int answer_patience_ms = 5000;

}  // namespace

void NetlinkRequest::pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4, '\0'); }

std::size_t NetlinkRequest::begin_message(std::uint16_t type, std::uint16_t flags,
                                          std::string_view kind) {
  std::size_t begin = bytes_.size();
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  header.nlmsg_seq = ++sequence_;
  bytes_.append(bytes_of(header));
  put_struct(kind);
  return begin;
}

std::size_t NetlinkRequest::begin_message(int subsystem, int message, std::uint16_t flags,
                                          std::uint8_t family, std::uint16_t resource) {
  nfgenmsg kind{family, NFNETLINK_V0, htons(resource)};
  return begin_message(static_cast<std::uint16_t>(subsystem << 8 | message), flags,
                       bytes_of(kind));
}

void NetlinkRequest::end_message(std::size_t begin) {
  auto size = static_cast<std::uint32_t>(bytes_.size() - begin);
  std::memcpy(bytes_.data() + begin, &size, sizeof size);
}

std::size_t NetlinkRequest::begin_nest(std::uint16_t type) {
  std::size_t begin = bytes_.size();
  nlattr header{0, static_cast<std::uint16_t>(type | NLA_F_NESTED)};
  bytes_.append(bytes_of(header));
  return begin;
}

void NetlinkRequest::end_nest(std::size_t begin) {
  auto size = static_cast<std::uint16_t>(bytes_.size() - begin);
  std::memcpy(bytes_.data() + begin, &size, sizeof size);
}

void NetlinkRequest::put(std::uint16_t type, std::string_view bytes) {
  nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + bytes.size()), type};
  bytes_.append(bytes_of(header));
  put_struct(bytes);
}

void NetlinkRequest::put_struct(std::string_view bytes) {
  bytes_.append(bytes);
  pad();
}

void NetlinkRequest::put_text(std::uint16_t type, std::string_view text) {
  put(type, std::string(text) + '\0');
}

void NetlinkRequest::put_u16(std::uint16_t type, std::uint16_t number) {
  put(type, bytes_of(htons(number)));
}

void NetlinkRequest::put_u32(std::uint16_t type, std::uint32_t number) {
  put(type, bytes_of(htonl(number)));
}

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    return system_error("open a netlink socket to the kernel");
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
    int answer = await_answer([](std::uint16_t, std::span<const char>) {});
    if (refused == 0) refused = answer;
    // What is wrong with a whole batch is said once.
    if (answer != 0) return refused;
  }
  return refused;
}

int NetlinkSocket::ask_for(const NetlinkRequest& request, const Take& take) {
  return send(request) ? await_answer(take) : errno;
}

int NetlinkSocket::await_answer(const Take& take) {
  pollfd watch{socket_.get(), POLLIN, 0};
  while (::poll(&watch, 1, answer_patience_ms) > 0) {
    std::span<const char> rest = receive();
    nlmsghdr header{};
    while (rest.size() >= sizeof header) {
      std::memcpy(&header, rest.data(), sizeof header);
      std::size_t size = std::min<std::size_t>(header.nlmsg_len, rest.size());
      if (size < sizeof header) break;
      nlmsgerr answer{};
      if (header.nlmsg_type == NLMSG_DONE) return 0;
      if (header.nlmsg_type == NLMSG_ERROR && size >= sizeof header + sizeof answer) {
        std::memcpy(&answer, rest.data() + NLMSG_HDRLEN, sizeof answer);
        return -answer.error;
      }
      take(header.nlmsg_type, rest.first(size));
      rest = rest.subspan(std::min(rest.size(), (size + 3) / 4 * 4));
    }
  }
  return ETIMEDOUT;
}

std::span<const char> NetlinkSocket::receive() {
  ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  return {buffer_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace sunder
