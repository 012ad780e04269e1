#pragma once
// Netlink as netfilter speaks it: requests of nested attributes, and what the kernel says to them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Builds a buffer of requests. What a begin_ call returns is what the end_ call wants.
class NetlinkRequest {
 public:
  /// `subsystem` and `message` name the kind as linux/netfilter/nfnetlink.h does; `resource` is the
  /// number of a queue, where there is one.
  std::size_t begin_message(int subsystem, int message, std::uint16_t flags, std::uint8_t family,
                            std::uint16_t resource = 0);
  void end_message(std::size_t begin);

  std::size_t begin_nest(std::uint16_t type);
  void end_nest(std::size_t begin);
  void put(std::uint16_t type, std::string_view bytes);
  void put_text(std::uint16_t type, std::string_view text);  // with its final zero
  void put_u16(std::uint16_t type, std::uint16_t number);  // these in network order
  void put_u32(std::uint16_t type, std::uint32_t number);

  const std::string& bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t size);
  void pad();

  std::string bytes_;
  std::uint32_t sequence_ = 0;
};

/// A socket of NETLINK_NETFILTER in the calling thread's network namespace.
class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open();
  int descriptor() const { return socket_.get(); }

  bool send(const NetlinkRequest& request);
  /// Sends requests of which `awaited` ask for an answer (NLM_F_ACK); errno of the first that the
  /// kernel refuses, or 0.
  int ask(const NetlinkRequest& request, int awaited);
  /// The next buffer of messages; empty when none waits.
  std::span<const char> receive();

 private:
  explicit NetlinkSocket(Descriptor socket) : socket_(std::move(socket)) {}
  int await_answer();

  Descriptor socket_;
  std::string buffer_ = std::string(std::size_t{1} << 17, '\0');
};

}  // namespace sunder
