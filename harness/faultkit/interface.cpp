#include "harness/faultkit/interface.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "harness/core/assert.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

ifreq request_for(const std::string& name) {
  ASSERT(name.size() < IFNAMSIZ);
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  return request;
}

template <class Request>
Status control(unsigned long what, Request& request, const std::string& act) {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ::ioctl(socket.get(), what, &request) != 0) return system_error(act);
  return Done{};
}

sockaddr_in internet_address(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ASSERT_MSG(::inet_pton(AF_INET, text.c_str(), &address.sin_addr) == 1, text);
  return address;
}

template <class To, class From>
void place(To& to, const From& from) {
  static_assert(sizeof(From) <= sizeof(To));
  std::memcpy(&to, &from, sizeof from);
}

void place_mac(sockaddr& to, MacAddress mac) {
  to.sa_family = ARPHRD_ETHER;
  std::memcpy(to.sa_data, mac.data(), mac.size());
}

}  // namespace

MacAddress mac_of_port(std::uint8_t port) { return {0x02, 0x53, 0x4e, 0x44, 0x00, port}; }

std::string address_of_port(std::uint8_t port) { return "10.77.0." + std::to_string(port); }

Result<Descriptor> open_tap(const std::string& name) {
  Descriptor tap(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!tap) return system_error("open /dev/net/tun", "veth ports need no such device");
  ifreq request = request_for(name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(tap.get(), TUNSETIFF, &request) != 0) return system_error("create TAP " + name);
  return tap;
}

Result<Descriptor> open_packet_socket(const std::string& name) {
  Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return system_error("open a packet socket");
  int yes = 1;
  int room = 4 << 20;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = static_cast<int>(::if_nametoindex(name.c_str()));
  if (::setsockopt(socket.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0 ||
      where.sll_ifindex == 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return system_error("bind a packet socket to " + name);
  }
  return socket;
}

Status turn_offloads_off(const std::string& name) {
  constexpr std::array<std::uint32_t, 3> commands = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM};
  for (std::uint32_t command : commands) {
    ethtool_value off{command, 0};
    ifreq request = request_for(name);
    request.ifr_data = reinterpret_cast<char*>(&off);
    Status done = control(SIOCETHTOOL, request, "turn offloads of " + name + " off");
    if (!done && command == ETHTOOL_STXCSUM) return done;  // the others depend on it
  }
  return Done{};
}

Status set_mac(const std::string& name, MacAddress mac) {
  ifreq request = request_for(name);
  place_mac(request.ifr_hwaddr, mac);
  return control(SIOCSIFHWADDR, request, "set the MAC address of " + name);
}

Status set_address(const std::string& name, const std::string& address) {
  ifreq request = request_for(name);
  place(request.ifr_addr, internet_address(address));
  Status set = control(SIOCSIFADDR, request, "give " + name + " the address " + address);
  if (!set) return set;
  request = request_for(name);
  place(request.ifr_netmask, internet_address("255.255.255.0"));
  return control(SIOCSIFNETMASK, request, "set the netmask of " + name);
}

Status set_mtu(const std::string& name, int bytes) {
  ifreq request = request_for(name);
  request.ifr_mtu = bytes;
  return control(SIOCSIFMTU, request, "set the MTU of " + name);
}

Status bring_up(const std::string& name) {
  ifreq request = request_for(name);
  Status got = control(SIOCGIFFLAGS, request, "read the flags of " + name);
  if (!got) return got;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  return control(SIOCSIFFLAGS, request, "bring " + name + " up");
}

Status add_neighbour(const std::string& name, const std::string& address, MacAddress mac) {
  arpreq request{};
  ASSERT(name.size() < sizeof request.arp_dev);
  std::memcpy(request.arp_dev, name.data(), name.size());
  place(request.arp_pa, internet_address(address));
  place_mac(request.arp_ha, mac);
  request.arp_flags = ATF_PERM | ATF_COM;
  return control(SIOCSARP, request, "add the neighbour " + address + " to " + name);
}

Status configure_port(const std::string& name, std::uint8_t port, std::uint8_t ports,
                      std::uint8_t controller) {
  Status done = set_mac(name, mac_of_port(port));
  if (done) done = set_mtu(name, port_mtu);
  if (done) done = set_address(name, address_of_port(port));
  if (done) done = bring_up(name);
  auto neighbour = [&](std::uint8_t other) {
    if (!done || other == port) return;
    done = add_neighbour(name, address_of_port(other), mac_of_port(other));
  };
  for (std::uint8_t other = 1; other <= ports; ++other) neighbour(other);
  neighbour(controller);
  return done;
}

}  // namespace sunder
