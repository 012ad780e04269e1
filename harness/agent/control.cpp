#include "harness/agent/control.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sunder {

bool ControlSocket::receive() {
  std::array<char, 16384> input;
  ssize_t size = ::recv(socket_.get(), input.data(), input.size(), 0);
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  if (size == 0) return false;
  reader_.feed({input.data(), static_cast<std::size_t>(size)});
  return !reader_.broken();
}

bool ControlSocket::send(const Value& frame, int attached) {
  return send_bytes(to_json(frame), attached);
}

bool ControlSocket::send_bytes(const std::string& body, int attached) {
  std::string bytes;
  append_frame(bytes, body);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    iovec part{const_cast<char*>(rest.data()), rest.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
    if (attached >= 0) {
      message.msg_control = space.data();
      message.msg_controllen = space.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(header), &attached, sizeof attached);
    }
    ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    attached = -1;  // it travels with the first byte
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace sunder
