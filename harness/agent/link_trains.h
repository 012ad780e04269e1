#pragma once
// Trains of numbered UDP datagrams from agent to agent: how a link treats what is sent over it.

#include <cstdint>
#include <map>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Several trains may be under way, each with its tag. All agents of a lab share one clock, so
/// delays are one-way.
class LinkTrains {
 public:
  struct Order {
    std::uint64_t tag = 0;
    std::vector<std::uint8_t> targets;  // ports
    int count = 0;
    Duration interval{0};
    std::size_t size = 0;  // of each datagram, as far as it has room for its fields
  };
  struct Arrival {
    std::uint8_t source = 0;  // port
    int sequence = 0;
    Duration delay{0};
  };

  /// Listens on this port's address.
  static Result<LinkTrains> open(std::uint8_t port);

  int descriptor() const { return socket_.get(); }
  int timer() const { return timer_.get(); }
  /// Begins to send. Of the trains before, only the last few are remembered.
  void begin(Order order);
  /// Sends what is due. To be called when the timer can be read.
  void send_due();
  void receive();
  /// What has arrived with this tag, in order of arrival.
  std::vector<Arrival> heard(std::uint64_t tag) const;
  /// Datagrams that this node's kernel has refused for their checksums since that train began.
  std::int64_t bad_checksums(std::uint64_t tag) const;

 private:
  struct Train {
    Order order;
    std::int64_t begun_ns = 0;
    int rows = 0;  // sent
    std::int64_t bad_checksums_before = 0;
    std::vector<Arrival> heard;
  };
  LinkTrains(Descriptor socket, Descriptor timer, std::uint8_t port)
      : socket_(std::move(socket)), timer_(std::move(timer)), port_(port) {}
  void send_row(Train& train);

  Descriptor socket_;
  Descriptor timer_;
  std::uint8_t port_;
  std::map<std::uint64_t, Train> trains_;  // by tag
};

}  // namespace sunder
