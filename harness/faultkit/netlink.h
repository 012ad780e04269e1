#pragma once
// Netlink, in which the kernel is told about packet filters, interfaces and queues: requests of
// nested attributes, and what it says to them.

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// A number or a struct as the kernel takes it, in this machine's order of bytes.
template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// Builds a buffer of requests. What a begin_ call returns is what the end_ call wants.
class NetlinkRequest {
 public:
  /// `kind` is the struct that follows netlink's own header.
  std::size_t begin_message(std::uint16_t type, std::uint16_t flags, std::string_view kind);
  /// Netfilter's: `subsystem` and `message` name the kind as linux/netfilter/nfnetlink.h does;
  /// `resource` is the number of a queue, where there is one.
  std::size_t begin_message(int subsystem, int message, std::uint16_t flags, std::uint8_t family,
                            std::uint16_t resource = 0);
  void end_message(std::size_t begin);

  std::size_t begin_nest(std::uint16_t type);
  void end_nest(std::size_t begin);
  void put(std::uint16_t type, std::string_view bytes);
  void put_struct(std::string_view bytes);  // what stands before attributes in some nests
  void put_text(std::uint16_t type, std::string_view text);  // with its final zero
  void put_u16(std::uint16_t type, std::uint16_t number);  // these in network order
  void put_u32(std::uint16_t type, std::uint32_t number);

  const std::string& bytes() const { return bytes_; }

 private:
  void pad();

  std::string bytes_;
  std::uint32_t sequence_ = 0;
};

/// Hands the attributes behind the first `skipped` bytes of a message to `take`, with their types.
template <class Take>
void each_attribute(std::span<const char> message, std::size_t skipped, const Take& take) {
  nlattr header{};
  for (std::size_t at = skipped; at + sizeof header <= message.size();) {
    std::memcpy(&header, message.data() + at, sizeof header);
    if (header.nla_len < sizeof header || at + header.nla_len > message.size()) return;
    std::string_view value(message.data() + at + sizeof header, header.nla_len - sizeof header);
    take(header.nla_type & NLA_TYPE_MASK, value);
    at += (header.nla_len + 3u) / 4u * 4u;
  }
}

/// A socket in the calling thread's network namespace.
class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open(int protocol = NETLINK_NETFILTER);
  int descriptor() const { return socket_.get(); }

  bool send(const NetlinkRequest& request);
  /// Sends requests of which `awaited` ask for an answer (NLM_F_ACK); errno of the first that the
  /// kernel refuses, or 0.
  int ask(const NetlinkRequest& request, int awaited);
  /// Sends one request that is answered by messages (NLM_F_DUMP, or one with NLM_F_ACK), hands each
  /// over with its type, and returns an errno as ask() does.
  using Take = std::function<void(std::uint16_t type, std::span<const char> message)>;
  int ask_for(const NetlinkRequest& request, const Take& take);
  /// The next buffer of messages; empty when none waits.
  std::span<const char> receive();

 private:
  explicit NetlinkSocket(Descriptor socket) : socket_(std::move(socket)) {}
  int await_answer(const Take& take);

  Descriptor socket_;
  std::string buffer_ = std::string(std::size_t{1} << 17, '\0');
};

}  // namespace sunder
