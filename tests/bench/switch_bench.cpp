// What the lab's switch carries and how exactly it delays: two threads, each in a network namespace
// of its own behind a TAP port, talk through it over the kernel's TCP and UDP. Needs root, or user
// namespaces. Prints medians of `rounds` rounds.
// usage: switch_bench [ROUNDS]

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "harness/faultkit/interface.h"
#include "harness/real/lab/switch.h"
#include "harness/real/trace_file.h"

namespace sunder {
namespace {

constexpr std::uint16_t port_number = 7000;
constexpr std::size_t block = std::size_t{1} << 18;
constexpr std::int64_t second = 1'000'000'000;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "switch_bench: %s\n", why.c_str());
  std::exit(69);
}

/// A thread in a namespace of its own. What it is asked for runs there, one after the other.
class Host {
 public:
  explicit Host(std::uint8_t port) {
    std::promise<Descriptor> opened;
    std::future<Descriptor> device = opened.get_future();
    thread_ = std::thread([this, port, opened = std::move(opened)]() mutable {
      opened.set_value(make_network(port));
      work();
    });
    device_ = device.get();
  }
  ~Host() {
    ask([this] { stopping_ = true; });
    thread_.join();
  }
  Descriptor take_device() { return std::move(device_); }
  /// Runs `act` there; the future is ready afterwards.
  std::future<void> ask(std::function<void()> act) {
    std::lock_guard lock(mutex_);
    task_ = std::packaged_task<void()>(std::move(act));
    wake_.notify_one();
    return task_.get_future();
  }

 private:
  static Descriptor make_network(std::uint8_t port) {
    if (::unshare(CLONE_NEWNET) != 0) give_up("no network namespace; are you root?");
    Result<Descriptor> tap = open_tap("eth0");
    if (!tap) give_up(tap.error().context);
    Status done = configure_port("eth0", port, 2, controller_port);
    if (!done) give_up(done.error().context);
    return *std::move(tap);
  }
  void work() {
    while (!stopping_) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return task_.valid(); });
      std::packaged_task<void()> task = std::exchange(task_, {});
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::packaged_task<void()> task_;
  bool stopping_ = false;  // of its own thread
  Descriptor device_;
  std::thread thread_;  // last: it uses the rest
};

sockaddr_in address_at(std::uint8_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_number);
  ::inet_pton(AF_INET, address_of_port(port).c_str(), &address.sin_addr);
  return address;
}

template <class Call>
int call_with(Call call, int socket, const sockaddr_in& address) {
  return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

/// Bits a second of one TCP stream over two seconds, as the receiver counts them.
double stream(Host& sender, Host& receiver) {
  std::promise<void> listening;
  double rate = 0;
  auto received = receiver.ask([&] {
    Descriptor door(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int yes = 1;
    ::setsockopt(door.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (call_with(::bind, door.get(), address_at(2)) != 0 || ::listen(door.get(), 1) != 0) {
      give_up("cannot listen");
    }
    listening.set_value();
    Descriptor peer(::accept(door.get(), nullptr, nullptr));
    std::vector<char> bytes(block);
    std::int64_t begin = host_nanoseconds();
    double total = 0;
    for (ssize_t size; (size = ::read(peer.get(), bytes.data(), bytes.size())) > 0;) {
      total += static_cast<double>(size);
    }
    rate = total * 8 * second / static_cast<double>(host_nanoseconds() - begin);
  });
  auto sent = sender.ask([&] {
    listening.get_future().wait();
    Descriptor peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (call_with(::connect, peer.get(), address_at(2)) != 0) give_up("cannot connect");
    std::vector<char> bytes(block, 'x');
    std::int64_t end = host_nanoseconds() + 2 * second;
    while (host_nanoseconds() < end && ::write(peer.get(), bytes.data(), bytes.size()) > 0) {
    }
  });
  sent.wait();
  received.wait();
  return rate;
}

/// The delays of datagrams sent five milliseconds apart, in nanoseconds, ascending.
std::vector<std::int64_t> delays(Host& sender, Host& receiver, int count) {
  std::promise<void> bound;
  std::vector<std::int64_t> found;
  auto received = receiver.ask([&] {
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (call_with(::bind, socket.get(), address_at(2)) != 0) give_up("cannot bind");
    bound.set_value();
    pollfd watch{socket.get(), POLLIN, 0};
    std::int64_t sent_at = 0;
    while (static_cast<int>(found.size()) < count && ::poll(&watch, 1, 1000) == 1) {
      if (::recv(socket.get(), &sent_at, sizeof sent_at, 0) != sizeof sent_at) continue;
      found.push_back(host_nanoseconds() - sent_at);
    }
  });
  auto sent = sender.ask([&] {
    bound.get_future().wait();
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    call_with(::connect, socket.get(), address_at(2));
    for (int i = 0; i < count; ++i) {
      std::int64_t now = host_nanoseconds();
      (void)!::send(socket.get(), &now, sizeof now, 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  sent.wait();
  received.wait();
  std::sort(found.begin(), found.end());
  return found;
}

double median(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return figures[figures.size() / 2];
}

double at_share(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) give_up("no datagram has arrived");
  auto last = static_cast<double>(sorted.size() - 1);
  return static_cast<double>(sorted[static_cast<std::size_t>(share * last)]) / 1e6;
}

void measure(int rounds) {
  if (::geteuid() != 0 && ::unshare(CLONE_NEWUSER) != 0) give_up("no user namespace");
  Host n1(1);
  Host n2(2);
  std::array<int, 2> controller{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, controller.data()) != 0) {
    give_up("no socket pair");
  }
  Descriptor far_end(controller[1]);
  std::vector<Descriptor> ports;
  ports.push_back(n1.take_device());
  ports.push_back(n2.take_device());
  Switch network(std::move(ports), Descriptor(controller[0]), LinkTable(2, {}, 1),
                 [] { return instant_at(host_nanoseconds()); });
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) rates.push_back(stream(n1, n2) / 1e9);
  std::printf("one TCP stream, no faults: %.2f Gbit/s\n", median(rates));
  std::vector<std::int64_t> plain = delays(n1, n2, 400);
  std::printf("a datagram, no faults: median %.3f ms, 99 %% below %.3f ms\n", at_share(plain, 0.5),
              at_share(plain, 0.99));
  LinkModel slow;
  slow.delay = std::chrono::milliseconds(20);
  network.impose("slow", {{NodeId::node(0), NodeId::node(1)}}, slow);
  std::vector<std::int64_t> late = delays(n1, n2, 400);
  std::printf("the same, 20 ms late: median %.3f ms off, 99 %% below %.3f ms off\n",
              at_share(late, 0.5) - 20, at_share(late, 0.99) - 20);
}

}  // namespace
}  // namespace sunder

int main(int count, char** arguments) {
  int rounds = 5;
  std::string_view asked = count > 1 ? arguments[1] : "5";
  std::from_chars(asked.data(), asked.data() + asked.size(), rounds);
  sunder::measure(std::clamp(rounds, 1, 1000));
}
