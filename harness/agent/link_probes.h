#pragma once
// Tagged UDP datagrams from agent to agent: the proof that a link carries, or does not.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

class LinkProbes {
 public:
  /// Nodes are told apart by their numbers, from 1; `addresses` has those of all of them, in order.
  /// Listens on the address of node `self`.
  static Result<LinkProbes> open(std::uint8_t self, std::vector<std::string> addresses,
                                 std::uint16_t port);
  /// The same from port to port.
  Result<LinkProbes> on_port(std::uint16_t port) const { return open(self_, addresses_, port); }
  std::uint16_t port() const { return port_; }

  int descriptor() const { return socket_.get(); }
  /// Sends the tag to each node, a few times: one lost datagram does not make a link dead.
  void send(std::uint64_t tag, const std::vector<std::uint8_t>& nodes);
  void receive();
  /// The nodes whose datagrams with this tag have arrived; older tags are forgotten.
  std::set<std::uint8_t> heard(std::uint64_t tag);

 private:
  LinkProbes(Descriptor socket, std::uint8_t self, std::vector<std::string> addresses,
             std::uint16_t port)
      : socket_(std::move(socket)), self_(self), addresses_(std::move(addresses)), port_(port) {}

  Descriptor socket_;
  std::uint8_t self_;
  std::vector<std::string> addresses_;
  std::uint16_t port_;
  std::map<std::uint64_t, std::set<std::uint8_t>> heard_;  // by tag
};

}  // namespace sunder
