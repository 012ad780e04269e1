// Veth pairs over rtnetlink: the one thing of ours that ioctls cannot do.

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>

#include "harness/faultkit/interface.h"
#include "harness/faultkit/netlink.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

ifinfomsg link_header(unsigned interface = 0) {
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = static_cast<int>(interface);
  return link;
}

Status talk(const NetlinkRequest& request, const std::string& act) {
  Result<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_ROUTE);
  if (!socket) return socket.error();
  errno = socket->ask(request, 1);
  if (errno != 0) return system_error(act);
  return Done{};
}

}  // namespace

Status create_veth(const std::string& near_name, const std::string& far_name, int far_pid) {
  NetlinkRequest request;
  std::size_t message = request.begin_message(
      RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, bytes_of(link_header()));
  request.put_text(IFLA_IFNAME, near_name);
  const auto mtu = static_cast<std::uint32_t>(port_mtu);
  request.put(IFLA_MTU, bytes_of(mtu));
  std::size_t info = request.begin_nest(IFLA_LINKINFO);
  request.put(IFLA_INFO_KIND, "veth");
  std::size_t data = request.begin_nest(IFLA_INFO_DATA);
  std::size_t peer = request.begin_nest(VETH_INFO_PEER);
  request.put_struct(bytes_of(link_header()));
  request.put_text(IFLA_IFNAME, far_name);
  request.put(IFLA_MTU, bytes_of(mtu));
  const auto pid = static_cast<std::uint32_t>(far_pid);
  request.put(IFLA_NET_NS_PID, bytes_of(pid));
  request.end_nest(peer);
  request.end_nest(data);
  request.end_nest(info);
  request.end_message(message);
  return talk(request, "create the veth pair " + near_name + " and " + far_name);
}

void remove_interface(const std::string& name) {
  unsigned interface = ::if_nametoindex(name.c_str());
  if (interface == 0) return;
  NetlinkRequest request;
  request.end_message(
      request.begin_message(RTM_DELLINK, NLM_F_ACK, bytes_of(link_header(interface))));
  // It may have gone by itself meanwhile, with the namespace of its other end.
  (void)talk(request, "remove the interface " + name);
}

}  // namespace sunder
