#include "harness/agent/link_probes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint16_t probe_port = 6999;
constexpr int copies = 3;

struct Datagram {
  std::uint64_t tag;
  std::uint64_t source;  // the sender's number
};

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;  // 0: not an address
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Place place_of(const std::string& address) {
  Place place;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&place.address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&place.address);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(probe_port);
    place.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(probe_port);
    place.size = sizeof *v6;
  }
  return place;
}

}  // namespace

Result<LinkProbes> LinkProbes::open(std::uint8_t self, std::vector<std::string> addresses) {
  Place own = self >= 1 && self <= addresses.size() ? place_of(addresses[self - 1u]) : Place{};
  if (own.size == 0) {
    return Error{Error::Code::malformed, "link probes need this node's address"};
  }
  Descriptor socket(
      ::socket(own.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || ::bind(socket.get(), own.get(), own.size) != 0) {
    return system_error("open the socket for link probes on " + addresses[self - 1u]);
  }
  return LinkProbes(std::move(socket), self, std::move(addresses));
}

void LinkProbes::send(std::uint64_t tag, const std::vector<std::uint8_t>& nodes) {
  Datagram datagram{tag, self_};
  for (int copy = 0; copy < copies; ++copy) {
    for (std::uint8_t node : nodes) {
      if (node < 1 || node > addresses_.size()) continue;
      Place target = place_of(addresses_[node - 1u]);
      // A datagram that cannot leave is one that does not arrive: that is what is measured.
      (void)::sendto(socket_.get(), &datagram, sizeof datagram, 0, target.get(), target.size);
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
