#include "harness/crashfs/control_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include "harness/faultkit/system_error.h"

namespace sunder::crashfs {
namespace {

constexpr std::size_t line_limit = std::size_t{1} << 20;

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(const std::string& path) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  if (path.size() >= sizeof place.sun_path) {
    return Error{Error::Code::malformed, "the control socket's path '" + path +
                                             "' is too long: the kernel takes 107 bytes"};
  }
  path.copy(place.sun_path, path.size());
  std::unique_ptr<ControlSocket> made(new ControlSocket);
  made->listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  made->ended_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  ::unlink(path.c_str());
  if (!made->listener_ || !made->ended_ ||
      ::bind(made->listener_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
      ::listen(made->listener_.get(), 8) != 0) {
    return system_error("listen at " + path);
  }
  made->path_ = path;
  return made;
}

std::unique_ptr<ControlSocket> ControlSocket::adopt(Descriptor client) {
  std::unique_ptr<ControlSocket> made(new ControlSocket);
  made->ended_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  made->lasts_with_ = client.get();
  made->clients_[made->lasts_with_].first = std::move(client);
  return made;
}

ControlSocket::~ControlSocket() {
  if (thread_.joinable()) {
    std::uint64_t one = 1;
    (void)!::write(ended_.get(), &one, sizeof one);
    thread_.join();
  }
  if (!path_.empty()) ::unlink(path_.c_str());
}

void ControlSocket::serve(Control& control) {
  // Signals end the file system's own loop, so they are not for this thread.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, &control] { work(control); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void ControlSocket::work(Control& control) {
  while (true) {
    std::vector<pollfd> watch{{ended_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& [number, client] : clients_) watch.push_back({number, POLLIN, 0});
    if (::poll(watch.data(), watch.size(), -1) < 0 && errno != EINTR) return;
    if (watch[0].revents != 0) return;
    for (std::size_t i = 2; i < watch.size(); ++i) {
      if (watch[i].revents == 0) continue;
      if (hear(watch[i].fd, clients_[watch[i].fd].second, control)) continue;
      clients_.erase(watch[i].fd);
      if (watch[i].fd == lasts_with_) return control.end();
    }
    if (watch[1].revents == 0) continue;
    Descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (int number = client.get(); number >= 0) clients_[number].first = std::move(client);
  }
}

bool ControlSocket::hear(int client, std::string& text, Control& control) {
  std::array<char, 4096> input;
  ssize_t size = ::recv(client, input.data(), input.size(), 0);
  if (size <= 0) return size < 0 && errno == EINTR;
  text.append(input.data(), static_cast<std::size_t>(size));
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
    std::string reply = to_json(control.answer(std::string_view(text).substr(0, end)));
    text.erase(0, end + 1);
    if (!send_all(client, reply + "\n")) return false;
  }
  return text.size() < line_limit;
}

}  // namespace sunder::crashfs
