#pragma once
// Bends what leaves a host for others: delays, loses, doubles, reorders, corrupts, throttles and
// holds packets by the one link model, between the kernel's packet filter and the wire.

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <vector>

#include "harness/core/link_table.h"
#include "harness/faultkit/packet_queue.h"

namespace sunder {

/// A thread of its own from construction to destruction, so that nothing else the agent does holds
/// packets up. It only decides what becomes of packets; faultkit/queueing.h says which it sees.
class LinkBender {
 public:
  struct Place {
    std::uint8_t self = 0;               // nodes are numbered from 1
    std::vector<std::string> addresses;  // of all nodes, in order
    std::uint64_t seed = 0;
  };
  static Result<std::unique_ptr<LinkBender>> open(const Place& place);
  ~LinkBender();
  LinkBender(const LinkBender&) = delete;
  LinkBender& operator=(const LinkBender&) = delete;

  /// From now on exactly these rules are in force. One that was already goes on as it is; what no
  /// rule holds any more is sent at once.
  void set_rules(const std::vector<LinkRule>& rules);
  /// Ends all rules and sends at once whatever waits.
  void let_all_go();
  /// By how much a packet was sent later than it should, at most, since this was last asked.
  Duration take_lateness();

 private:
  struct Packet {
    std::size_t target = 0;
    std::uint32_t id = 0;
    std::string bytes;
    bool changed = false;  // the kernel is to send these bytes, not its own
    bool copy = false;     // of a packet that the kernel sends as well
  };
  struct Due {
    Instant instant;
    std::uint64_t order;
    Packet packet;
    bool operator<(const Due& other) const {  // for a queue with the earliest on top
      return std::pair(instant, order) > std::pair(other.instant, other.order);
    }
  };
  LinkBender(const Place& place, PacketQueue queue);
  void work();
  void wait_until(Instant instant);
  void receive();
  void carry(Packet packet);
  void release_due(Instant latest);
  void release(const Packet& packet);
  void send_copy(const Packet& packet);

  std::map<std::string, std::size_t> nodes_;  // by the bytes of their addresses
  std::size_t self_;
  PacketQueue queue_;
  Descriptor copies4_;
  Descriptor copies6_;
  Descriptor wake_;
  std::mutex mutex_;  // guards all below
  LinkTable table_;
  std::priority_queue<Due> due_;
  std::deque<Packet> held_;
  std::uint64_t order_ = 0;
  Duration lateness_{0};
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sunder
