#include "harness/agent/link_trains.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "harness/faultkit/interface.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint16_t train_port = 6998;
constexpr std::size_t size_max = 1400;  // a datagram is one frame
constexpr std::size_t heard_max = 100'000;
constexpr std::size_t trains_max = 8;

struct Datagram {
  std::uint64_t tag;
  std::uint32_t source;  // the sender's port
  std::uint32_t sequence;
  std::int64_t sent_ns;  // by the clock that the kernel stamps arrivals with
};

sockaddr_in place_of(std::uint8_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(train_port);
  ::inet_pton(AF_INET, address_of_port(port).c_str(), &place.sin_addr);
  return place;
}

std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return nanoseconds_of(now);
}

// The kernel's count for this network namespace. /proc/net/snmp has pairs of lines: "Udp: names",
// "Udp: numbers".
std::int64_t udp_checksum_errors() {
  std::ifstream file("/proc/net/snmp");
  std::string names;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("Udp:")) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    std::istringstream name_stream(names);
    std::istringstream number_stream(line);
    std::string name;
    std::string number;
    while (name_stream >> name && number_stream >> number) {
      if (name == "InCsumErrors") return std::strtoll(number.c_str(), nullptr, 10);
    }
  }
  return 0;
}

}  // namespace

Result<LinkTrains> LinkTrains::open(std::uint8_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  sockaddr_in own = place_of(port);
  int yes = 1;
  // The kernel stamps arrivals, so that a delay does not count how late the agent wakes up.
  if (!socket || !timer ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    return system_error("open the socket for trains of probes");
  }
  int buffer = 1 << 20;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  return LinkTrains(std::move(socket), std::move(timer), port);
}

void LinkTrains::begin(Order order) {
  std::uint64_t tag = order.tag;
  trains_[tag] = Train{std::move(order), monotonic_ns(), 0, udp_checksum_errors(), {}};
  while (trains_.size() > trains_max) trains_.erase(trains_.begin());
  send_due();
}

void LinkTrains::send_due() {
  std::uint64_t expirations = 0;
  (void)!::read(timer_.get(), &expirations, sizeof expirations);
  std::int64_t now = monotonic_ns();
  std::int64_t next = 0;  // none
  for (auto& [tag, train] : trains_) {
    auto due = [&train] { return train.begun_ns + train.rows * train.order.interval.count(); };
    while (train.rows < train.order.count && due() <= now) send_row(train);
    if (train.rows < train.order.count) next = next == 0 ? due() : std::min(next, due());
  }
  itimerspec when{};
  when.it_value.tv_sec = next / 1'000'000'000;
  when.it_value.tv_nsec = next % 1'000'000'000;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void LinkTrains::send_row(Train& train) {
  std::array<char, size_max> bytes{};
  std::size_t size = std::min(std::max(train.order.size, sizeof(Datagram)), size_max);
  for (std::uint8_t port : train.order.targets) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    Datagram datagram{train.order.tag, port_, static_cast<std::uint32_t>(train.rows),
                      nanoseconds_of(now)};
    std::memcpy(bytes.data(), &datagram, sizeof datagram);
    sockaddr_in target = place_of(port);
    // A datagram that cannot leave is one that does not arrive: that is what is measured.
    (void)::sendto(socket_.get(), bytes.data(), size, 0,
                   reinterpret_cast<const sockaddr*>(&target), sizeof target);
  }
  ++train.rows;
}

void LinkTrains::receive() {
  while (true) {
    std::array<char, size_max> bytes{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size = ::recvmsg(socket_.get(), &message, 0);
    if (size < 0) return;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    Datagram datagram{};
    if (static_cast<std::size_t>(size) < sizeof datagram || header == nullptr ||
        header->cmsg_type != SO_TIMESTAMPNS) {
      continue;
    }
    timespec came{};
    std::memcpy(&came, CMSG_DATA(header), sizeof came);
    std::memcpy(&datagram, bytes.data(), sizeof datagram);
    auto train = trains_.find(datagram.tag);
    if (train == trains_.end() || train->second.heard.size() >= heard_max) continue;
    train->second.heard.push_back({static_cast<std::uint8_t>(datagram.source),
                                   static_cast<int>(datagram.sequence),
                                   Duration{nanoseconds_of(came) - datagram.sent_ns}});
  }
}

std::vector<LinkTrains::Arrival> LinkTrains::heard(std::uint64_t tag) const {
  auto train = trains_.find(tag);
  return train == trains_.end() ? std::vector<Arrival>() : train->second.heard;
}

std::int64_t LinkTrains::bad_checksums(std::uint64_t tag) const {
  auto train = trains_.find(tag);
  return train == trains_.end() ? 0 : udp_checksum_errors() - train->second.bad_checksums_before;
}

}  // namespace sunder
