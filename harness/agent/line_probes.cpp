#include "harness/agent/line_probes.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "harness/agent/peer.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr int backlog = 64;

void set_option(int socket, int level, int name, int value) {
  // Without one of these a dead line is only forgotten later.
  (void)::setsockopt(socket, level, name, &value, sizeof value);
}

/// A line that nobody else remembers ends within seconds.
void keep_alive(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 2);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 2);
}

bool watch(int poll, int socket) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket;
  return ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) == 0;
}

int new_socket(const Peer& place) {
  return ::socket(place.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

}  // namespace

Result<LineProbes> LineProbes::open(std::uint8_t self, std::vector<std::string> addresses) {
  Peer own;
  if (self >= 1 && self <= addresses.size()) own = peer_at(addresses[self - 1u], line_port);
  if (own.size == 0) {
    return Error{Error::Code::malformed, "probe connections need this node's address"};
  }
  Descriptor listener(new_socket(own));
  if (listener) set_option(listener.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  Descriptor poll(::epoll_create1(EPOLL_CLOEXEC));
  bool listens = listener && poll && ::bind(listener.get(), own.get(), own.size) == 0 &&
                 ::listen(listener.get(), backlog) == 0 && watch(poll.get(), listener.get());
  if (!listens) return system_error("listen for probe connections on " + addresses[self - 1u]);
  return LineProbes(std::move(listener), std::move(poll), std::move(addresses));
}

void LineProbes::serve() {
  std::array<epoll_event, 16> events;
  int ready = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < ready; ++i) {
    int socket = events[static_cast<std::size_t>(i)].data.fd;
    if (socket == listener_.get()) {
      accept_all();
    } else {
      echo(socket);
    }
  }
}

void LineProbes::accept_all() {
  while (true) {
    Descriptor line(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!line) return;
    keep_alive(line.get());
    int number = line.get();
    if (watch(poll_.get(), number)) heard_[number] = std::move(line);
  }
}

void LineProbes::echo(int socket) {
  std::array<char, 64> bytes;
  while (true) {
    ssize_t size = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
      heard_.erase(socket);  // closed, and by that no longer watched
      return;
    }
    (void)::send(socket, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
  }
}

void LineProbes::dial(const std::string& owner, const std::vector<std::uint8_t>& nodes) {
  std::map<std::uint8_t, Line>& lines = lines_[owner];
  lines.clear();
  for (std::uint8_t node : nodes) {
    if (node < 1 || node > addresses_.size()) continue;
    Peer target = peer_at(addresses_[node - 1u], line_port);
    Line& line = lines[node];
    line.socket = Descriptor(new_socket(target));
    if (!line.socket) continue;
    // Closing sends a reset, so that no port is kept for a line that is over.
    linger at_once{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(line.socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    set_option(line.socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (::connect(line.socket.get(), target.get(), target.size) == 0) {
      line.state = State::stands;
    } else if (errno != EINPROGRESS) {
      note_error(line, errno);
    }
  }
}

void LineProbes::note_error(Line& line, int error) {
  if (error == ECONNREFUSED) line.state = State::refused;
  if (error == ECONNRESET || error == EPIPE) line.state = State::reset;
}

void LineProbes::look_at(Line& line) {
  if (!line.socket) return;
  if (line.state == State::asked) {
    pollfd watched{line.socket.get(), POLLOUT, 0};
    if (::poll(&watched, 1, 0) <= 0) return;
    int error = 0;
    socklen_t size = sizeof error;
    (void)::getsockopt(line.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return note_error(line, error);
    line.state = State::stands;
  }
  if (line.state != State::stands) return;
  std::array<char, 64> bytes;
  ssize_t size = 0;
  while ((size = ::recv(line.socket.get(), bytes.data(), bytes.size(), 0)) > 0) {
    line.awaits_echo = false;
  }
  if (size == 0) line.state = State::reset;
  if (size < 0 && errno != EAGAIN && errno != EINTR) note_error(line, errno);
}

void LineProbes::talk(const std::string& owner) {
  for (auto& [node, line] : lines_[owner]) {
    look_at(line);
    if (line.state != State::stands) continue;
    line.awaits_echo = true;
    if (::send(line.socket.get(), "?", 1, MSG_NOSIGNAL) < 0) note_error(line, errno);
  }
}

std::map<std::uint8_t, std::string_view> LineProbes::states(const std::string& owner) {
  std::map<std::uint8_t, std::string_view> states;
  for (auto& [node, line] : lines_[owner]) {
    look_at(line);
    bool open = line.state == State::stands && !line.awaits_echo;
    states[node] = line.state == State::refused ? "refused"
                   : line.state == State::reset ? "reset"
                   : open                       ? "open"
                                                : "silent";
  }
  return states;
}

}  // namespace sunder
