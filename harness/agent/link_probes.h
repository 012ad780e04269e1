#pragma once
// Tagged UDP datagrams from agent to agent: the proof that a link carries, or does not.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

class LinkProbes {
 public:
  /// Listens on this port's address.
  static Result<LinkProbes> open(std::uint8_t port);

  int descriptor() const { return socket_.get(); }
  /// Sends the tag to each port, a few times: one lost datagram does not make a link dead.
  void send(std::uint64_t tag, const std::vector<std::uint8_t>& ports);
  void receive();
  /// The ports whose datagrams with this tag have arrived; older tags are forgotten.
  std::set<std::uint8_t> heard(std::uint64_t tag);

 private:
  LinkProbes(Descriptor socket, std::uint8_t port) : socket_(std::move(socket)), port_(port) {}

  Descriptor socket_;
  std::uint8_t port_;
  std::map<std::uint64_t, std::set<std::uint8_t>> heard_;  // by tag
};

}  // namespace sunder
