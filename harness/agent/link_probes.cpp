#include "harness/agent/link_probes.h"

#include "harness/agent/peer.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int copies = 3;

struct Datagram {
  std::uint64_t tag;
  std::uint64_t source;  // the sender's number
};

}  // namespace

Result<LinkProbes> LinkProbes::open(std::uint8_t self, std::vector<std::string> addresses,
                                    std::uint16_t port) {
  Peer own;
  if (self >= 1 && self <= addresses.size()) own = peer_at(addresses[self - 1u], port);
  if (own.size == 0) {
    return Error{Error::Code::malformed, "link probes need this node's address"};
  }
  Descriptor socket(
      ::socket(own.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || ::bind(socket.get(), own.get(), own.size) != 0) {
    return system_error("open the socket for link probes on " + addresses[self - 1u]);
  }
  return LinkProbes(std::move(socket), self, std::move(addresses), port);
}

void LinkProbes::send(std::uint64_t tag, const std::vector<std::uint8_t>& nodes) {
  Datagram datagram{tag, self_};
  for (int copy = 0; copy < copies; ++copy) {
    for (std::uint8_t node : nodes) {
      if (node < 1 || node > addresses_.size()) continue;
      Peer target = peer_at(addresses_[node - 1u], port_);
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
