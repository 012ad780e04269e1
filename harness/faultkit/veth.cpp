// Veth pairs over rtnetlink: the one thing of ours that ioctls cannot do.

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "harness/faultkit/interface.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

/// One rtnetlink request under construction: attributes nest, lengths are filled in when they end.
class Request {
 public:
  explicit Request(std::uint16_t type, std::uint16_t flags) {
    header()->nlmsg_type = type;
    header()->nlmsg_flags = flags;
    header()->nlmsg_len = NLMSG_HDRLEN;
  }
  void add_link_header(unsigned interface = 0) {
    ifinfomsg link{};
    link.ifi_family = AF_UNSPEC;
    link.ifi_index = static_cast<int>(interface);
    append(&link, sizeof link);
  }
  void add(std::uint16_t type, const void* data, std::size_t size) {
    rtattr* attribute = begin(type);
    append(data, size);
    end(attribute);
  }
  rtattr* begin(std::uint16_t type) {
    auto* attribute = reinterpret_cast<rtattr*>(bytes_.data() + header()->nlmsg_len);
    rtattr empty{};
    empty.rta_type = type;
    append(&empty, sizeof empty);
    return attribute;
  }
  void end(rtattr* attribute) {
    auto offset = reinterpret_cast<const char*>(attribute) - bytes_.data();
    attribute->rta_len =
        static_cast<std::uint16_t>(header()->nlmsg_len - static_cast<std::uint32_t>(offset));
    header()->nlmsg_len = NLMSG_ALIGN(header()->nlmsg_len);
  }
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_.data()); }

 private:
  void append(const void* data, std::size_t size) {
    std::memcpy(bytes_.data() + header()->nlmsg_len, data, size);
    header()->nlmsg_len += static_cast<std::uint32_t>(size);
  }
  alignas(NLMSG_ALIGNTO) std::array<char, 512> bytes_{};  // names are short: far more than needed
};

Status talk(Request& request, const std::string& act) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return system_error(act);
  if (::send(socket.get(), request.header(), request.header()->nlmsg_len, 0) < 0) {
    return system_error(act);
  }
  alignas(NLMSG_ALIGNTO) std::array<char, 4096> answer{};
  ssize_t size = ::recv(socket.get(), answer.data(), answer.size(), 0);
  auto* header = reinterpret_cast<nlmsghdr*>(answer.data());
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) ||
      header->nlmsg_type != NLMSG_ERROR) {
    errno = EPROTO;
    return system_error(act);
  }
  errno = -static_cast<nlmsgerr*>(NLMSG_DATA(header))->error;
  if (errno != 0) return system_error(act);
  return Done{};
}

}  // namespace

Status create_veth(const std::string& near_name, const std::string& far_name, int far_pid) {
  Request request(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  request.add_link_header();
  request.add(IFLA_IFNAME, near_name.c_str(), near_name.size() + 1);
  auto mtu = static_cast<std::uint32_t>(port_mtu);
  request.add(IFLA_MTU, &mtu, sizeof mtu);
  rtattr* info = request.begin(IFLA_LINKINFO);
  request.add(IFLA_INFO_KIND, "veth", 5);
  rtattr* data = request.begin(IFLA_INFO_DATA);
  rtattr* peer = request.begin(VETH_INFO_PEER);
  request.add_link_header();
  request.add(IFLA_IFNAME, far_name.c_str(), far_name.size() + 1);
  request.add(IFLA_MTU, &mtu, sizeof mtu);
  auto pid = static_cast<std::uint32_t>(far_pid);
  request.add(IFLA_NET_NS_PID, &pid, sizeof pid);
  request.end(peer);
  request.end(data);
  request.end(info);
  return talk(request, "create the veth pair " + near_name + " and " + far_name);
}

void remove_interface(const std::string& name) {
  unsigned interface = ::if_nametoindex(name.c_str());
  if (interface == 0) return;
  Request request(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK);
  request.add_link_header(interface);
  // It may have gone by itself meanwhile, with the namespace of its other end.
  (void)talk(request, "remove the interface " + name);
}

}  // namespace sunder
