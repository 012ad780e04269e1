#include "harness/agent/link_probes.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "harness/faultkit/interface.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint16_t probe_port = 6999;
constexpr int copies = 3;

struct Datagram {
  std::uint64_t tag;
  std::uint64_t source;  // the sender's port
};

sockaddr_in place_of(std::uint8_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(probe_port);
  ::inet_pton(AF_INET, address_of_port(port).c_str(), &place.sin_addr);
  return place;
}

}  // namespace

Result<LinkProbes> LinkProbes::open(std::uint8_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in own = place_of(port);
  if (!socket ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    return system_error("open the socket for link probes");
  }
  return LinkProbes(std::move(socket), port);
}

void LinkProbes::send(std::uint64_t tag, const std::vector<std::uint8_t>& ports) {
  Datagram datagram{tag, port_};
  for (int copy = 0; copy < copies; ++copy) {
    for (std::uint8_t port : ports) {
      sockaddr_in target = place_of(port);
      // A datagram that cannot leave is one that does not arrive: that is what is measured.
      (void)::sendto(socket_.get(), &datagram, sizeof datagram, 0,
                     reinterpret_cast<const sockaddr*>(&target), sizeof target);
    }
  }
}

void LinkProbes::receive() {
  Datagram datagram{};
  while (::recv(socket_.get(), &datagram, sizeof datagram, 0) == sizeof datagram) {
    heard_[datagram.tag].insert(static_cast<std::uint8_t>(datagram.source));
  }
}

std::set<std::uint8_t> LinkProbes::heard(std::uint64_t tag) {
  receive();
  heard_.erase(heard_.begin(), heard_.lower_bound(tag));
  auto found = heard_.find(tag);
  return found == heard_.end() ? std::set<std::uint8_t>() : found->second;
}

}  // namespace sunder
