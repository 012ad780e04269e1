#include "harness/agent/resolver.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::size_t due_max = 1000;  // further ones are dropped, as a busy server does
constexpr std::uint16_t nodes_max = 256;

sockaddr_in place_at(const std::string& address, std::uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  place.sin_port = htons(port);
  return place;
}

bool is_same(const sockaddr_in& one, const sockaddr_in& other) {
  return one.sin_addr.s_addr == other.sin_addr.s_addr && one.sin_port == other.sin_port;
}

/// A UDP socket there; port 0 takes any.
Descriptor socket_on(const sockaddr_in& place) {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  bool bound = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place),
                                sizeof place) == 0;
  return bound ? std::move(socket) : Descriptor();
}

void send_to(int socket, const sockaddr_in& place, const std::string& message) {
  (void)::sendto(socket, message.data(), message.size(), 0,
                 reinterpret_cast<const sockaddr*>(&place), sizeof place);
}

bool watch_input(int poll, int socket) {
  epoll_event event{};
  event.events = EPOLLIN;
  return ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) == 0;
}

/// The number in "n3"; 0: it is no node's name.
std::size_t number_in(std::string_view name) {
  std::size_t number = 0;
  if (!name.starts_with('n')) return 0;
  const char* end = name.data() + name.size();
  auto parsed = std::from_chars(name.data() + 1, end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

}  // namespace

Result<Resolver> Resolver::open(std::vector<std::string> addresses, const std::string& at) {
  sockaddr_in place = place_at(at, dns_port);
  Descriptor socket = socket_on(place);
  if (!socket) return system_error("answer for names on port 53 of the node's loopback");
  Resolver resolver(std::move(addresses));
  resolver.place_ = place;
  resolver.socket_ = std::move(socket);
  if (!resolver.start()) return system_error("ask for names on the node's loopback");
  return resolver;
}

bool Resolver::start() {
  own_ = socket_on(place_at(loopback, 0));
  timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  poll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  bool ready = own_ && timer_ && poll_ && watch_input(poll_.get(), socket_.get()) &&
               watch_input(poll_.get(), own_.get()) && watch_input(poll_.get(), timer_.get());
  socklen_t size = sizeof own_place_;
  return ready && ::getsockname(own_.get(), reinterpret_cast<sockaddr*>(&own_place_), &size) == 0;
}

void Resolver::behave(Manner manner, Duration delay) {
  manner_ = manner;
  delay_ = delay;
  asked_ = 0;
  if (manner != Manner::slow) send_due(Clock::time_point::max());
}

void Resolver::serve() {
  std::uint64_t expirations = 0;
  (void)!::read(timer_.get(), &expirations, sizeof expirations);
  answer_all();
  send_due(Clock::now());
  hear_all();
}

DnsAnswer Resolver::answer_to(const DnsQuestion& question) const {
  DnsAnswer answer{.id = question.id};
  std::size_t number = number_in(question.name);
  bool known = number >= 1 && number <= addresses_.size();
  answer.no_such_name = !known || manner_ == Manner::missing;
  if (answer.no_such_name || !question.of_address4) return answer;
  if (manner_ == Manner::wrong) number = number % addresses_.size() + 1;
  answer.address = addresses_[number - 1];
  return answer;
}

void Resolver::answer_all() {
  std::array<char, 512> bytes;
  while (true) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    ssize_t got = ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0,
                             reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return;
    auto question = dns_question_in({bytes.data(), static_cast<std::size_t>(got)});
    if (!question) continue;
    if (!is_same(from, own_place_)) ++asked_;
    Duration wait = manner_ == Manner::slow ? delay_ : Duration{0};
    if (due_.size() < due_max) {
      due_.emplace(Clock::now() + wait, Reply{from, dns_message(*question, answer_to(*question))});
    }
  }
}

void Resolver::send_due(Clock::time_point latest) {
  while (!due_.empty() && due_.begin()->first <= latest) {
    send_to(socket_.get(), due_.begin()->second.to, due_.begin()->second.message);
    due_.erase(due_.begin());
  }
  if (due_.empty()) return;
  itimerspec when{};  // steady_clock is CLOCK_MONOTONIC
  std::int64_t due = due_.begin()->first.time_since_epoch().count();
  when.it_value.tv_sec = due / 1'000'000'000;
  when.it_value.tv_nsec = due % 1'000'000'000;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

// Answers of an earlier round are told by their number.
void Resolver::ask() {
  heard_.clear();
  round_ = static_cast<std::uint16_t>(round_ + 1) % nodes_max;
  asked_at_ = Clock::now();
  for (std::size_t i = 0; i < addresses_.size() && i < nodes_max; ++i) {
    auto id = static_cast<std::uint16_t>(round_ * nodes_max + i);
    send_to(own_.get(), place_, dns_question(id, "n" + std::to_string(i + 1)));
  }
}

void Resolver::hear_all() {
  std::array<char, 512> bytes;
  ssize_t got = 0;
  while ((got = ::recv(own_.get(), bytes.data(), bytes.size(), 0)) >= 0) {
    auto answer = dns_answer_in({bytes.data(), static_cast<std::size_t>(got)});
    if (!answer || answer->id / nodes_max != round_) continue;
    heard_.push_back({static_cast<std::uint8_t>(answer->id % nodes_max + 1), answer->address,
                      Clock::now() - asked_at_});
  }
}

}  // namespace sunder
