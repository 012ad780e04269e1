#pragma once
// Another node's place on the network, IPv4 or IPv6.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace sunder {

inline constexpr std::uint16_t probe_port = 6999;  // of agents, for single probes
inline constexpr std::uint16_t train_port = 6998;  // and for trains of them
inline constexpr std::uint16_t line_port = 6997;   // of TCP, for probe connections

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;  // 0: not an address
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};
Peer peer_at(const std::string& address, std::uint16_t port);

}  // namespace sunder
