#pragma once
// Network interfaces of the namespace that the calling thread is in.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

using MacAddress = std::array<std::uint8_t, 6>;

/// Fixed addresses: the last byte names the port, so that a switch need not learn.
MacAddress mac_of_port(std::uint8_t port);
std::string address_of_port(std::uint8_t port);  // "10.77.0.<port>", in a /24

/// Creates a TAP device; each read of the descriptor is one frame that the kernel sends over it,
/// each write one that it receives. Gone when the descriptor is closed.
Result<Descriptor> open_tap(const std::string& name);

/// Of a lab's ports: jumbo frames, as in many data centres. A switch in user space pays by the
/// frame.
inline constexpr int port_mtu = 9000;

/// Creates a veth pair of that MTU; the far end appears in the network namespace of process
/// `far_pid`. Gone with either namespace.
Status create_veth(const std::string& near_name, const std::string& far_name, int far_pid);

/// Removes an interface, of a veth pair both ends. Of an unknown name: nothing.
void remove_interface(const std::string& name);

/// A socket that reads and writes whole frames of an interface, as open_tap()'s descriptor does.
Result<Descriptor> open_packet_socket(const std::string& name);

/// Makes the kernel finish its checksums and cut its segments itself: what a packet socket reads
/// must be whole frames.
Status turn_offloads_off(const std::string& name);

Status set_mac(const std::string& name, MacAddress mac);       // REQUIRES: the interface is down
Status set_address(const std::string& name, const std::string& address);  // with a /24
Status set_mtu(const std::string& name, int bytes);
Status bring_up(const std::string& name);
Status add_neighbour(const std::string& name, const std::string& address, MacAddress mac);

/// What every port of a lab needs: MTU, address, MAC, neighbours 1..ports and `controller`, up.
Status configure_port(const std::string& name, std::uint8_t port, std::uint8_t ports,
                      std::uint8_t controller);

}  // namespace sunder
