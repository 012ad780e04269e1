#include "harness/agent/peer.h"

#include <arpa/inet.h>

namespace sunder {

Peer peer_at(const std::string& address, std::uint16_t port) {
  Peer peer;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&peer.address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&peer.address);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    peer.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    peer.size = sizeof *v6;
  }
  return peer;
}

}  // namespace sunder
