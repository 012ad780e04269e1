#pragma once
// A queue of the kernel's packet filter, read by this program: each packet waits for a verdict.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "harness/faultkit/netlink.h"

namespace sunder {

/// When it is closed, the kernel drops what waits in it. Not thread-safe.
class PacketQueue {
 public:
  /// Error: another program reads this queue, or the kernel has none.
  static Result<PacketQueue> open(std::uint16_t number);
  int descriptor() const { return socket_.descriptor(); }

  /// Hands over what waits: packets from their IP header on, with finished checksums, none larger
  /// than a link carries.
  using Take = std::function<void(std::uint32_t id, std::string_view packet)>;
  void receive(const Take& take);

  void pass(std::uint32_t id);
  void pass_changed(std::uint32_t id, std::string_view packet);
  void drop(std::uint32_t id);

 private:
  PacketQueue(NetlinkSocket socket, std::uint16_t number)
      : socket_(std::move(socket)), number_(number) {}
  void decide(std::uint32_t id, std::uint32_t verdict, std::string_view changed);

  NetlinkSocket socket_;
  std::uint16_t number_;
};

}  // namespace sunder
