#pragma once
// Trains of numbered UDP datagrams from agent to agent: how a link treats what is sent over it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Several trains may be under way, each with its tag. Delays are one-way, by each machine's own
/// clock since its boot: between machines they are off by a constant.
class LinkTrains {
 public:
  struct Order {
    std::uint64_t tag = 0;
    std::vector<std::uint8_t> targets;  // numbers of nodes, from 1
    int count = 0;
    Duration interval{0};
    std::size_t size = 0;  // of each datagram, as far as it has room for its fields
  };
  struct Arrival {
    std::uint8_t source = 0;  // number
    int sequence = 0;
    Duration delay{0};
  };

  /// `addresses` has those of all nodes, in order. Listens on the address of node `self`.
  static Result<LinkTrains> open(std::uint8_t self, std::vector<std::string> addresses);

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
  LinkTrains(Descriptor socket, Descriptor timer, std::uint8_t self,
             std::vector<std::string> addresses)
      : socket_(std::move(socket)), timer_(std::move(timer)), self_(self),
        addresses_(std::move(addresses)) {}
  Train& train_of(std::uint64_t tag);  // made when it is new
  void send_row(Train& train);

  Descriptor socket_;
  Descriptor timer_;
  std::uint8_t self_;
  std::vector<std::string> addresses_;
  std::map<std::uint64_t, Train> trains_;  // by tag
};

}  // namespace sunder
