#include "harness/real/lab/switch.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>

#include "harness/agent/peer.h"
#include "harness/core/assert.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/packet.h"

namespace sunder {
namespace {

constexpr Duration heartbeat = std::chrono::milliseconds(10);  // how often wake-up lag is measured
constexpr std::size_t reads_in_a_row = 64;                     // of one port, then the others' turn
constexpr std::size_t queue_limit = 100'000;                   // frames; further ones are dropped
constexpr std::size_t header_size = 14;                        // of an Ethernet frame
constexpr int priority = -10;

// One bit in the middle of what the frame's IP packet carries: the receiver's TCP or UDP finds that
// the checksum is wrong. A frame too short for that loses a bit of its last byte.
void flip_bit(std::string& frame) {
  constexpr std::size_t ip_header_size = 20;
  constexpr std::size_t ports_size = 8;  // what stays: a flow must still be found by its ports
  std::size_t headers = header_size + ip_header_size + ports_size;
  std::size_t at = frame.size() > headers ? headers + (frame.size() - headers) / 2
                                          : frame.size() - 1;
  frame[at] = static_cast<char>(static_cast<unsigned char>(frame[at]) ^ 0x10U);
}

/// The IP packet in an Ethernet frame; empty: there is none.
std::string_view packet_in(std::string_view frame) {
  std::string_view kind = frame.substr(12, 2);
  bool ip = kind == std::string_view("\x08\x00", 2) || kind == std::string_view("\x86\xdd", 2);
  return ip ? frame.substr(header_size) : std::string_view();
}

}  // namespace

Switch::Switch(std::vector<Descriptor> nodes, Descriptor controller, LinkTable table,
               std::function<Instant()> now, std::optional<SwitchStall> stall)
    : ports_(std::move(nodes)), table_(std::move(table)), now_(std::move(now)), stall_(stall),
      lags_("switch"), tolls_(ports_.size()), poll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  ports_.push_back(std::move(controller));
  ASSERT(poll_ && timer_);
  auto watch = [&](int descriptor, std::uint64_t name) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = name;
    ASSERT(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0);
  };
  for (std::size_t port = 0; port < ports_.size(); ++port) watch(ports_[port].get(), port);
  watch(timer_.get(), ports_.size());
  thread_ = std::thread([this] { work(); });
}

Switch::~Switch() {
  stopping_ = true;
  thread_.join();
}

void Switch::impose(const std::string& rule, const std::vector<Link>& links,
                    const LinkModel& model) {
  std::lock_guard lock(mutex_);
  table_.impose(rule, links, model);
  release_held();
}

void Switch::lift(const std::string& rule) {
  std::lock_guard lock(mutex_);
  table_.lift(rule);
  release_held();
}

bool Switch::blocked(std::size_t source, std::size_t target) const {
  std::lock_guard lock(mutex_);
  return source != target && table_.blocked(source, target);
}

std::vector<LinkRule> Switch::rules() const {
  std::lock_guard lock(mutex_);
  return table_.rules();
}

std::vector<HarnessLag> Switch::lags() const {
  std::lock_guard lock(mutex_);
  return lags_.lags();
}

LinkTolls Switch::tolls() const {
  std::lock_guard lock(mutex_);
  LinkTolls tolls;
  for (std::size_t node = 0; node + 1 < ports_.size(); ++node) {
    tolls[NodeId::node(static_cast<std::int32_t>(node))] = tolls_[node];
  }
  return tolls;
}

void Switch::wait_until(Instant instant) {
  Duration wait = std::max(instant - now_(), Duration{1});  // zero would disarm
  itimerspec when{};
  when.it_value.tv_sec = wait.count() / 1'000'000'000;
  when.it_value.tv_nsec = wait.count() % 1'000'000'000;
  ::timerfd_settime(timer_.get(), 0, &when, nullptr);
}

void Switch::work() {
  (void)::setpriority(PRIO_PROCESS, 0, priority);  // of this thread; without the right we go on
  std::array<epoll_event, 16> events;
  Instant next_stall = stall_ ? now_() + stall_->every : never;
  while (!stopping_) {
    Instant wake = now_() + heartbeat;
    {
      std::lock_guard lock(mutex_);
      if (!queue_.empty()) wake = std::min(wake, queue_.top().instant);
    }
    wait_until(wake);
    int ready = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (now_() >= next_stall) {
      std::this_thread::sleep_for(stall_->length);
      next_stall = now_() + stall_->every;
    }
    std::lock_guard lock(mutex_);
    lags_.note(wake, now_());
    for (int i = 0; i < ready; ++i) {
      std::uint64_t name = events[static_cast<std::size_t>(i)].data.u64;
      if (name < ports_.size()) {
        read_port(static_cast<std::size_t>(name));
      } else {
        std::uint64_t expirations = 0;
        (void)!::read(timer_.get(), &expirations, sizeof expirations);
      }
    }
    release_due();
  }
}

void Switch::read_port(std::size_t port) {
  std::array<char, 65536> frame;
  for (std::size_t i = 0; i < reads_in_a_row; ++i) {
    ssize_t size = ::read(ports_[port].get(), frame.data(), frame.size());
    if (size < 0) return;
    route(port, {frame.data(), static_cast<std::size_t>(size)});
  }
}

void Switch::route(std::size_t source, std::string_view bytes) {
  if (bytes.size() < header_size) return;
  MacAddress target_mac;
  std::copy_n(bytes.begin(), target_mac.size(), target_mac.begin());
  std::uint8_t name = target_mac.back();
  // Neighbours are fixed: broadcasts (DHCP, IPv6 discovery) have nobody to talk to.
  if (target_mac != mac_of_port(name)) return;
  std::size_t controller = ports_.size() - 1;
  std::size_t target = name == controller_port ? controller : std::size_t{name} - 1;
  if (target >= ports_.size() || target == source) return;
  if (source == controller || target == controller) {
    bool blocked = table_.blocked(link_of(source, target));
    if (blocked) ++(source == controller ? tolls_[target].requests : tolls_[source].replies);
    if (!blocked && !takes(source, target, bytes)) write(target, bytes);
    return;
  }
  carry({source, target, std::string(bytes)});
}

Link Switch::link_of(std::size_t source, std::size_t target) const {
  auto end = [this](std::size_t port) {
    bool node = port + 1 < ports_.size();
    return node ? NodeId::node(static_cast<std::int32_t>(port)) : NodeId::all_clients();
  };
  return {end(source), end(target)};
}

bool Switch::takes(std::size_t source, std::size_t target, std::string_view frame) {
  const LinkRules::Filter& filter = table_.filter(link_of(source, target));
  if (filter.passes_all()) return false;
  std::string_view packet = packet_in(frame);
  std::optional<Segment> segment = segment_of(packet);
  if (!segment) return false;
  for (std::uint16_t port : filter.blocked_ports) {
    if (segment->concerns_port(port)) return true;
  }
  bool struck = segment->asks_for_connection() ? filter.refuses : filter.resets;
  if (!segment->tcp || segment->rst || !struck) return false;
  std::string there(frame.substr(0, header_size));
  std::string back = there.substr(6, 6) + there.substr(0, 6) + there.substr(12);
  write(source, back + reset_for_source(packet, *segment));
  if (!segment->asks_for_connection()) write(target, there + reset_for_target(packet, *segment));
  bool ours = segment->concerns_port(line_port);
  if (!ours) ++tolls_[target + 1 < ports_.size() ? target : source].resets;
  return true;
}

void Switch::carry(Frame frame) {
  if (takes(frame.source, frame.target, frame.bytes)) return;
  if (queue_.size() + held_.size() >= queue_limit) return;
  if (table_.holds(frame.source, frame.target)) return held_.push_back(std::move(frame));
  LinkTable::Passage passage =
      table_.carry(frame.source, frame.target, frame.bytes.size(), now_());
  if (passage.corrupt) flip_bit(frame.bytes);
  if (passage.copies == 2) queue_.push({passage.due[1], ++order_, frame});
  if (passage.copies > 0) queue_.push({passage.due[0], ++order_, std::move(frame)});
}

void Switch::release_held() {
  std::deque<Frame> held = std::move(held_);
  held_.clear();
  for (Frame& frame : held) carry(std::move(frame));
}

void Switch::release_due() {
  Instant now = now_();
  while (!queue_.empty() && queue_.top().instant <= now) {
    const Frame& frame = queue_.top().frame;
    lags_.note(queue_.top().instant, now);
    // A cut also takes what is on its way.
    bool cut = table_.blocked(frame.source, frame.target);
    if (!cut && !takes(frame.source, frame.target, frame.bytes)) {
      ++delivered_;
      write(frame.target, frame.bytes);
    }
    queue_.pop();
  }
}

void Switch::write(std::size_t port, std::string_view bytes) {
  // A full or downed port loses the frame, as a real one does.
  (void)!::write(ports_[port].get(), bytes.data(), bytes.size());
}

}  // namespace sunder
