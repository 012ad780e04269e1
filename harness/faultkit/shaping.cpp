#include "harness/faultkit/shaping.h"

#include <arpa/inet.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "harness/faultkit/netem.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint16_t creates = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;

tcmsg place(unsigned interface, std::uint32_t parent, std::uint32_t handle) {
  tcmsg said{};
  said.tcm_family = AF_UNSPEC;
  said.tcm_ifindex = static_cast<int>(interface);
  said.tcm_parent = parent;
  said.tcm_handle = handle;
  return said;
}

template <class T>
T first_of(std::string_view value) {
  T read{};
  std::memcpy(&read, value.data(), std::min(value.size(), sizeof read));
  return read;
}

std::string text_in(std::string_view value) {
  return std::string(value.substr(0, value.find('\0')));
}

std::string name_of(unsigned interface) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(interface, name.data()) != nullptr ? name.data() : "an interface";
}

// Everything that we may ask for later, on the namespace's one interface.
Status try_out() {
  Result<Shaping> shaping = Shaping::open();
  if (!shaping) return shaping.error();
  unsigned interface = ::if_nametoindex("lo");
  const LinkModel late{.delay = std::chrono::milliseconds(1),
                       .jitter = std::chrono::microseconds(1), .spread = Spread::normal};
  const LinkModel slow{.rate = 1'000'000};
  Status done = shaping->add_root(interface);
  if (done) done = shaping->add_class(interface, 1, late);
  if (done) done = shaping->add_class(interface, 2, slow);
  return done;
}

}  // namespace

bool Shaping::Discipline::is_root_of_ours() const {
  return parent == TC_H_ROOT && handle == shaping_handle && kind == "prio";
}

Result<Shaping> Shaping::open() {
  Result<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_ROUTE);
  if (!socket) return socket.error();
  return Shaping(*std::move(socket));
}

Status Shaping::ask(const NetlinkRequest& request, const std::string& act) {
  errno = socket_.ask(request, 1);
  if (errno == 0) return Done{};
  return system_error(act, errno == ENOENT ? "the kernel does not have it" : "");
}

Result<unsigned> Shaping::interface_towards(const std::string& address) {
  in6_addr room{};
  rtmsg route{};
  route.rtm_family = ::inet_pton(AF_INET, address.c_str(), &room) == 1 ? AF_INET : AF_INET6;
  if (route.rtm_family == AF_INET6 && ::inet_pton(AF_INET6, address.c_str(), &room) != 1) {
    return Error{Error::Code::malformed, "'" + address + "' is not an address"};
  }
  std::string_view bytes = bytes_of(room);
  if (route.rtm_family == AF_INET) bytes = bytes.substr(0, sizeof(in_addr));
  route.rtm_dst_len = static_cast<unsigned char>(8 * bytes.size());
  NetlinkRequest request;
  std::size_t message = request.begin_message(RTM_GETROUTE, NLM_F_ACK, bytes_of(route));
  request.put(RTA_DST, bytes);
  request.end_message(message);
  unsigned found = 0;
  int refused = socket_.ask_for(request, [&](std::uint16_t, std::span<const char> answer) {
    each_attribute(answer, NLMSG_HDRLEN + sizeof(rtmsg), [&](int type, std::string_view value) {
      if (type == RTA_OIF) found = first_of<std::uint32_t>(value);
    });
  });
  errno = refused != 0 ? refused : ENETUNREACH;
  if (refused != 0 || found == 0) return system_error("find the way to " + address);
  return found;
}

Result<std::vector<Shaping::Discipline>> Shaping::disciplines() {
  NetlinkRequest request;
  request.end_message(
      request.begin_message(RTM_GETQDISC, NLM_F_DUMP, bytes_of(place(0, 0, 0))));
  std::vector<Discipline> found;
  errno = socket_.ask_for(request, [&](std::uint16_t kind, std::span<const char> answer) {
    if (kind != RTM_NEWQDISC || answer.size() < NLMSG_HDRLEN + sizeof(tcmsg)) return;
    auto said = first_of<tcmsg>({answer.data() + NLMSG_HDRLEN, sizeof(tcmsg)});
    Discipline one{static_cast<unsigned>(said.tcm_ifindex), "", said.tcm_handle, said.tcm_parent};
    each_attribute(answer, NLMSG_HDRLEN + sizeof said, [&](int type, std::string_view value) {
      if (type == TCA_KIND) one.kind = text_in(value);
      if (type != TCA_STATS2) return;
      each_attribute(value, 0, [&](int part, std::string_view figures) {
        if (part == TCA_STATS_QUEUE) one.waiting = first_of<gnet_stats_queue>(figures).qlen;
      });
    });
    found.push_back(std::move(one));
  });
  if (errno != 0) return system_error("list the queueing disciplines");
  return found;
}

Status Shaping::may_have_root(unsigned interface) {
  Result<std::vector<Discipline>> all = disciplines();
  if (!all) return all.error();
  for (const Discipline& one : *all) {
    bool somebodys = one.interface == interface && one.parent == TC_H_ROOT && one.handle != 0;
    if (!somebodys || one.is_root_of_ours()) continue;
    return Error{Error::Code::environment, "the interface " + name_of(interface) +
                                               " has a queueing discipline of its own (" +
                                               one.kind + "), which stays"};
  }
  return Done{};
}

Status Shaping::add(const std::string& kind, unsigned interface, std::uint32_t parent,
                    std::uint32_t handle,
                    const std::function<void(NetlinkRequest&)>& put_options) {
  NetlinkRequest request;
  std::size_t message =
      request.begin_message(RTM_NEWQDISC, creates, bytes_of(place(interface, parent, handle)));
  request.put_text(TCA_KIND, kind);
  put_options(request);
  request.end_message(message);
  return ask(request, "put " + kind + " on " + name_of(interface));
}

Status Shaping::add_root(unsigned interface) {
  return add("prio", interface, TC_H_ROOT, shaping_handle, [](NetlinkRequest& request) {
    tc_prio_qopt said{};  // whatever a packet's priority, if it names no class, the first band
    said.bands = shaping_classes_max + 1;
    request.put(TCA_OPTIONS, bytes_of(said));
  });
}

Status Shaping::add_class(unsigned interface, std::uint16_t number, const LinkModel& model) {
  if (model.rate > 0) return add_line(interface, number, model);
  return add("netem", interface, shaping_class(number), 0,
             [&](NetlinkRequest& request) { put_netem(model, request); });
}

// In the class htb with a class of its own, by default that of every packet, and in that the queue.
Status Shaping::add_line(unsigned interface, std::uint16_t number, const LinkModel& model) {
  std::uint32_t own = shaping_handle + (std::uint32_t{number} << 16);
  Status done =
      add("htb", interface, shaping_class(number), own, [](NetlinkRequest& request) {
        tc_htb_glob said{};
        said.version = 3;
        said.rate2quantum = 10;
        said.defcls = 1;
        std::size_t options = request.begin_nest(TCA_OPTIONS);
        request.put(TCA_HTB_INIT, bytes_of(said));
        request.end_nest(options);
      });
  if (!done) return done;
  NetlinkRequest branch;
  std::size_t message =
      branch.begin_message(RTM_NEWTCLASS, creates, bytes_of(place(interface, own, own | 1u)));
  branch.put_text(TCA_KIND, "htb");
  put_rate(model, branch);
  branch.end_message(message);
  done = ask(branch, "limit the rate of " + name_of(interface));
  if (!done) return done;
  return add("bfifo", interface, own | 1u, 0,
             [&](NetlinkRequest& request) { put_line(model, request); });
}

Status Shaping::remove_class(unsigned interface, std::uint16_t number) {
  NetlinkRequest request;
  request.end_message(request.begin_message(RTM_DELQDISC, NLM_F_ACK,
                                            bytes_of(place(interface, shaping_class(number), 0))));
  return ask(request, "let packets leave by " + name_of(interface) + " as before");
}

Result<std::int64_t> Shaping::waiting_in(const std::vector<std::uint16_t>& numbers) {
  Result<std::vector<Discipline>> all = disciplines();
  if (!all) return all.error();
  std::int64_t packets = 0;
  for (const Discipline& one : *all) {
    auto meant = [&](std::uint16_t number) { return one.parent == shaping_class(number); };
    if (std::any_of(numbers.begin(), numbers.end(), meant)) packets += one.waiting;
  }
  return packets;
}

Status Shaping::remove_roots() {
  Result<std::vector<Discipline>> all = disciplines();
  if (!all) return all.error();
  Status done = Done{};
  for (const Discipline& one : *all) {
    if (!one.is_root_of_ours()) continue;
    NetlinkRequest request;
    request.end_message(request.begin_message(
        RTM_DELQDISC, NLM_F_ACK, bytes_of(place(one.interface, TC_H_ROOT, shaping_handle))));
    Status removed =
        ask(request, "let packets leave by " + name_of(one.interface) + " as before");
    if (!removed) done = removed;
  }
  return done;
}

// A thread of its own: it alone moves to the new namespace, and ends there.
Status shaping_is_possible() {
  Status outcome = Done{};
  std::thread trial([&outcome] {
    outcome = ::unshare(CLONE_NEWNET) == 0 ? try_out()
                                           : system_error("make a network namespace");
  });
  trial.join();
  return outcome;
}

}  // namespace sunder
