#pragma once
// A resolver of the nodes' names on a node's own loopback, which can be told to deny, to dawdle and
// to lie.

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/dns.h"

namespace sunder {

/// Not thread-safe.
class Resolver {
 public:
  enum class Manner : std::uint8_t {
    right,
    missing,  // there is no such name
    slow,     // right, after a while
    wrong     // the address of the next node
  };
  static constexpr const char* loopback = "127.0.0.1";
  /// Answers for n1, n2 ... from port 53 of an address of this machine's own; `addresses` has those
  /// of all, in order, which are IPv4.
  static Result<Resolver> open(std::vector<std::string> addresses,
                               const std::string& at = loopback);

  /// To be watched for input, and then served.
  int descriptor() const { return poll_.get(); }
  void serve();

  void behave(Manner manner, Duration delay);
  bool is_bent() const { return manner_ != Manner::right; }

  /// Asks for every node's name as a program would.
  void ask();
  struct Heard {
    std::uint8_t node = 0;
    std::string address;  // empty: there is no such name
    Duration took{0};
  };
  /// What has been answered since.
  const std::vector<Heard>& heard() const { return heard_; }
  /// Questions of others than ask() since behave().
  std::int64_t asked() const { return asked_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Reply {
    sockaddr_in to;  // whoever asked
    std::string message;
  };
  explicit Resolver(std::vector<std::string> addresses) : addresses_(std::move(addresses)) {}
  bool start();
  void answer_all();
  void hear_all();
  DnsAnswer answer_to(const DnsQuestion& question) const;
  void send_due(Clock::time_point latest);

  Descriptor socket_;
  Descriptor own_;    // asks
  Descriptor timer_;  // of the first that is due
  Descriptor poll_;
  std::vector<std::string> addresses_;
  Manner manner_ = Manner::right;
  Duration delay_{0};
  std::multimap<Clock::time_point, Reply> due_;
  sockaddr_in place_{};      // where questions are answered
  sockaddr_in own_place_{};  // from where ours are asked
  Clock::time_point asked_at_{};
  std::uint16_t round_ = 0;
  std::vector<Heard> heard_;
  std::int64_t asked_ = 0;
};

}  // namespace sunder
