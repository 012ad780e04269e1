#include "harness/agent/link_trains.h"

#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "harness/agent/peer.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::size_t size_max = 1400;  // a datagram is one frame
constexpr std::size_t heard_max = 100'000;
constexpr std::size_t trains_max = 8;

struct TrainPacket {
  std::uint64_t tag;
  std::uint32_t source;  // the sender's number
  std::uint32_t sequence;
  std::int64_t sent_ns;  // by the sender's raw clock
};

std::int64_t nanoseconds_in(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return nanoseconds_in(now);
}
std::int64_t monotonic_ns() { return read_ns(CLOCK_MONOTONIC); }

// What the raw clock, which no fault bends, showed when the wall clock, by which the kernel stamps
// arrivals, showed `wall_ns`. The two are compared while nothing comes between.
std::int64_t raw_at(std::int64_t wall_ns) {
  constexpr std::int64_t apart_most = 20'000;
  std::int64_t raw = 0;
  std::int64_t wall = 0;
  for (int i = 0; i < 10; ++i) {
    raw = read_ns(CLOCK_MONOTONIC_RAW);
    wall = read_ns(CLOCK_REALTIME);
    if (read_ns(CLOCK_MONOTONIC_RAW) - raw <= apart_most) break;
  }
  return raw - (wall - wall_ns);
}

// The kernel's counts for this network namespace. /proc/net/snmp has pairs of lines: "Udp: names",
// "Udp: numbers".
std::int64_t udp4_checksum_errors() {
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

// And /proc/net/snmp6 has a name and its number on each line.
std::int64_t udp6_checksum_errors() {
  std::ifstream file("/proc/net/snmp6");
  std::string name;
  std::int64_t number = 0;
  while (file >> name >> number) {
    if (name == "Udp6InCsumErrors") return number;
  }
  return 0;
}

std::int64_t udp_checksum_errors() { return udp4_checksum_errors() + udp6_checksum_errors(); }

}  // namespace

Result<LinkTrains> LinkTrains::open(std::uint8_t self, std::vector<std::string> addresses) {
  Peer own;
  if (self >= 1 && self <= addresses.size()) own = peer_at(addresses[self - 1u], train_port);
  if (own.size == 0) {
    return Error{Error::Code::malformed, "trains of probes need this node's address"};
  }
  int family = own.address.ss_family;
  Descriptor socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  int yes = 1;
  // The kernel stamps arrivals, so that a delay does not count how late the agent wakes up.
  if (!socket || !timer ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0 ||
      ::bind(socket.get(), own.get(), own.size) != 0) {
    return system_error("open the socket for trains of probes on " + addresses[self - 1u]);
  }
  int buffer = 1 << 20;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  return LinkTrains(std::move(socket), std::move(timer), self, std::move(addresses));
}

void LinkTrains::begin(Order order) {
  std::uint64_t tag = order.tag;
  Train& train = train_of(tag);
  train.order = std::move(order);
  train.begun_ns = monotonic_ns();
  send_due();
}

LinkTrains::Train& LinkTrains::train_of(std::uint64_t tag) {
  auto [train, fresh] = trains_.try_emplace(tag);
  if (!fresh) return train->second;
  train->second.bad_checksums_before = udp_checksum_errors();
  while (trains_.size() > trains_max) {
    auto oldest = trains_.begin();
    if (oldest == train) ++oldest;
    trains_.erase(oldest);
  }
  return train->second;
}

void LinkTrains::send_due() {
  std::uint64_t expirations = 0;
  (void)!::read(timer_.get(), &expirations, sizeof expirations);
  std::int64_t now = monotonic_ns();
  std::int64_t next = 0;  // none
  for (auto& entry : trains_) {
    Train& train = entry.second;
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
  std::size_t size = std::min(std::max(train.order.size, sizeof(TrainPacket)), size_max);
  for (std::uint8_t node : train.order.targets) {
    if (node < 1 || node > addresses_.size()) continue;
    TrainPacket datagram{train.order.tag, self_, static_cast<std::uint32_t>(train.rows),
                      read_ns(CLOCK_MONOTONIC_RAW)};
    std::memcpy(bytes.data(), &datagram, sizeof datagram);
    Peer target = peer_at(addresses_[node - 1u], train_port);
    // A datagram that cannot leave is one that does not arrive: that is what is measured.
    (void)::sendto(socket_.get(), bytes.data(), size, 0, target.get(), target.size);
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
    TrainPacket datagram{};
    if (static_cast<std::size_t>(size) < sizeof datagram || header == nullptr ||
        header->cmsg_type != SO_TIMESTAMPNS) {
      continue;
    }
    timespec came{};
    std::memcpy(&came, CMSG_DATA(header), sizeof came);
    std::memcpy(&datagram, bytes.data(), sizeof datagram);
    // Others may have been told to begin a moment before us.
    std::vector<Arrival>& heard = train_of(datagram.tag).heard;
    if (heard.size() >= heard_max) continue;
    heard.push_back({static_cast<std::uint8_t>(datagram.source),
                     static_cast<int>(datagram.sequence),
                     Duration{raw_at(nanoseconds_in(came)) - datagram.sent_ns}});
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
