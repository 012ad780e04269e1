#include "harness/agent/link_bender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "harness/faultkit/queueing.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::size_t packets_max = 50'000;  // kept here; further ones are dropped
constexpr Duration longest_wait = std::chrono::seconds(1);
constexpr int priority = -10;

Instant now() { return instant_at(std::chrono::steady_clock::now().time_since_epoch().count()); }

// The bytes of an address as packets carry it; empty: it is none.
std::string packed(const std::string& address) {
  in6_addr room{};
  const char* bytes = reinterpret_cast<const char*>(&room);
  if (::inet_pton(AF_INET, address.c_str(), &room) == 1) return {bytes, sizeof(in_addr)};
  if (::inet_pton(AF_INET6, address.c_str(), &room) == 1) return {bytes, sizeof(in6_addr)};
  return {};
}

bool is_v6(std::string_view packet) { return static_cast<unsigned char>(packet[0]) >> 4 == 6; }

std::string target_of(std::string_view packet) {
  constexpr std::size_t v4_size = 20;
  constexpr std::size_t v6_size = 40;
  if (packet.size() >= v6_size && is_v6(packet)) return std::string(packet.substr(24, 16));
  if (packet.size() >= v4_size && !is_v6(packet)) return std::string(packet.substr(16, 4));
  return {};
}

// One bit in the middle of what the packet carries: the receiver's TCP or UDP finds that the
// checksum is wrong. The ports stay, by which a flow is still found.
void flip_bit(std::string& packet) {
  constexpr std::size_t ports_size = 8;
  std::size_t words = static_cast<unsigned char>(packet[0]) & 0x0fU;
  std::size_t headers = (is_v6(packet) ? 40 : 4 * words) + ports_size;
  std::size_t at = packet.size() > headers ? headers + (packet.size() - headers) / 2
                                           : packet.size() - 1;
  packet[at] = static_cast<char>(static_cast<unsigned char>(packet[at]) ^ 0x10U);
}

/// Sends whole packets with their own headers, past our own rules.
Descriptor open_raw(int family) {
  Descriptor socket(::socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  std::uint32_t mark = unqueued_mark;
  if (socket) (void)::setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark);
  return socket;
}

bool same(const LinkRule& a, const LinkRule& b) {
  return a.name == b.name && a.links == b.links && a.model == b.model;
}

}  // namespace

Result<std::unique_ptr<LinkBender>> LinkBender::open(const Place& place) {
  Result<PacketQueue> queue = PacketQueue::open(queue_number);
  if (!queue) return queue.error();
  std::unique_ptr<LinkBender> bender(new LinkBender(place, *std::move(queue)));
  if (!bender->copies4_ || !bender->wake_) return system_error("open a socket for whole packets");
  bender->thread_ = std::thread([it = bender.get()] { it->work(); });
  return bender;
}

LinkBender::LinkBender(const Place& place, PacketQueue queue)
    : self_(place.self - 1u), queue_(std::move(queue)), copies4_(open_raw(AF_INET)),
      copies6_(open_raw(AF_INET6)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      table_(place.addresses.size(), LinkModel{}, place.seed) {
  for (std::size_t i = 0; i < place.addresses.size(); ++i) nodes_[packed(place.addresses[i])] = i;
}

LinkBender::~LinkBender() {
  stopping_ = true;
  ::eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void LinkBender::set_rules(const std::vector<LinkRule>& rules) {
  {
    std::lock_guard lock(mutex_);
    std::vector<LinkRule> before = table_.rules();
    auto contains = [](const std::vector<LinkRule>& list, const LinkRule& rule) {
      return std::any_of(list.begin(), list.end(),
                         [&](const LinkRule& other) { return same(rule, other); });
    };
    for (const LinkRule& rule : before) {
      if (!contains(rules, rule)) table_.lift(rule.name);
    }
    for (const LinkRule& rule : rules) {
      if (!contains(before, rule)) table_.impose(rule.name, rule.links, rule.model);
    }
    std::deque<Packet> held = std::exchange(held_, {});
    for (Packet& packet : held) carry(std::move(packet));
  }
  ::eventfd_write(wake_.get(), 1);
}

void LinkBender::let_all_go() {
  set_rules({});
  std::lock_guard lock(mutex_);
  receive();
  release_due(never);
}

Duration LinkBender::take_lateness() {
  std::lock_guard lock(mutex_);
  return std::exchange(lateness_, Duration{0});
}

void LinkBender::wait_until(Instant instant) {
  Duration wait = std::max(instant - now(), Duration{0});
  timespec limit{};
  limit.tv_sec = wait.count() / 1'000'000'000;
  limit.tv_nsec = wait.count() % 1'000'000'000;
  std::array<pollfd, 2> watch{{{queue_.descriptor(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
  ::ppoll(watch.data(), watch.size(), &limit, nullptr);
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
}

void LinkBender::work() {
  (void)::setpriority(PRIO_PROCESS, 0, priority);  // of this thread; without the right we go on
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  while (!stopping_) {
    Instant wake = now() + longest_wait;
    {
      std::lock_guard lock(mutex_);
      if (!due_.empty()) wake = std::min(wake, due_.top().instant);
    }
    wait_until(wake);
    std::lock_guard lock(mutex_);
    receive();
    release_due(now());
  }
}

void LinkBender::receive() {
  queue_.receive([this](std::uint32_t id, std::string_view bytes) {
    auto node = nodes_.find(target_of(bytes));
    if (node == nodes_.end() || node->second == self_) return queue_.pass(id);
    carry({node->second, id, std::string(bytes)});
  });
}

void LinkBender::carry(Packet packet) {
  if (due_.size() + held_.size() >= packets_max) return queue_.drop(packet.id);
  if (table_.holds(self_, packet.target)) return held_.push_back(std::move(packet));
  LinkTable::Passage passage =
      table_.carry(self_, packet.target, packet.bytes.size(), now());
  if (passage.copies == 0) return queue_.drop(packet.id);
  if (passage.corrupt) flip_bit(packet.bytes);
  packet.changed = passage.corrupt;
  if (passage.copies == 2) {
    Packet copy = packet;
    copy.copy = true;
    due_.push({passage.due[1], ++order_, std::move(copy)});
  }
  due_.push({passage.due[0], ++order_, std::move(packet)});
}

void LinkBender::release_due(Instant latest) {
  while (!due_.empty() && due_.top().instant <= latest) {
    if (latest != never) lateness_ = std::max(lateness_, Duration(latest - due_.top().instant));
    release(due_.top().packet);
    due_.pop();
  }
}

void LinkBender::release(const Packet& packet) {
  if (packet.copy) return send_copy(packet);
  if (packet.changed) return queue_.pass_changed(packet.id, packet.bytes);
  queue_.pass(packet.id);
}

void LinkBender::send_copy(const Packet& packet) {
  // The address says where to; a port there would be taken for a protocol by some kernels.
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  std::string target = target_of(packet.bytes);
  if (is_v6(packet.bytes)) {
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, target.data(), sizeof v6.sin6_addr);
    (void)::sendto(copies6_.get(), packet.bytes.data(), packet.bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  } else {
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, target.data(), sizeof v4.sin_addr);
    (void)::sendto(copies4_.get(), packet.bytes.data(), packet.bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  }
}

}  // namespace sunder
