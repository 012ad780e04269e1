#pragma once
// Trees of queueing disciplines on network interfaces: a root of prio that sends everything at once
// but what belongs to one of its classes, in which a link's packets meet their fate. A packet
// belongs to the class that its priority names, which nftables sets (faultkit/queueing.h).

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/link.h"
#include "harness/faultkit/netlink.h"

namespace sunder {

/// The root that is ours has this handle: "5375:" to tc. The kernel neither replaces one with
/// another handle for us, nor removes it.
inline constexpr std::uint32_t shaping_handle = 0x53750000;
/// What prio has room for. Classes are numbered from 1; its first one is for everything else.
inline constexpr std::uint16_t shaping_classes_max = 15;
inline std::uint32_t shaping_class(std::uint16_t number) { return shaping_handle | (number + 1u); }

/// Of the calling thread's network namespace. Everything is asked of the kernel, nothing is
/// remembered, so that what somebody else has left is found as well. Not thread-safe.
class Shaping {
 public:
  static Result<Shaping> open();

  /// The interface over which packets leave for an address.
  Result<unsigned> interface_towards(const std::string& address);
  /// Nothing if the interface has the discipline that the kernel gave it, or ours.
  Status may_have_root(unsigned interface);
  /// Error: there is a root already, ours or another's; it stays.
  Status add_root(unsigned interface);
  Status add_class(unsigned interface, std::uint16_t number, const LinkModel& model);
  /// With whatever waits there.
  Status remove_class(unsigned interface, std::uint16_t number);
  /// Packets that wait in these classes, on all interfaces.
  Result<std::int64_t> waiting_in(const std::vector<std::uint16_t>& numbers);
  /// From all interfaces, with whatever waits there; the kernel gives them its usual disciplines
  /// again. Others' roots stay.
  Status remove_roots();

 private:
  struct Discipline {
    unsigned interface = 0;
    std::string kind;
    std::uint32_t handle = 0;
    std::uint32_t parent = 0;
    std::uint32_t waiting = 0;  // packets
    bool is_root_of_ours() const;
  };
  explicit Shaping(NetlinkSocket socket) : socket_(std::move(socket)) {}
  Result<std::vector<Discipline>> disciplines();
  Status add(const std::string& kind, unsigned interface, std::uint32_t parent,
             std::uint32_t handle, const std::function<void(NetlinkRequest&)>& put_options);
  Status add_line(unsigned interface, std::uint16_t number, const LinkModel& model);
  Status ask(const NetlinkRequest& request, const std::string& act);

  NetlinkSocket socket_;
};

/// Whether the kernel has all that is needed, tried out where nothing else is: in a network
/// namespace that ends with the trial.
Status shaping_is_possible();

}  // namespace sunder
