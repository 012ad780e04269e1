#include "harness/real/ssh/session.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "harness/real/ssh/session_parts.h"

namespace sunder {
namespace {

constexpr auto goodbye_limit = std::chrono::milliseconds(200);

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + quoted(word);
  return line;
}

SshSession::SshSession(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SshSession::~SshSession() = default;

const SshHost& SshSession::host() const { return parts_->host; }

Result<std::string> SshSession::peer_address() const {
  sockaddr_storage place{};
  socklen_t size = sizeof place;
  std::array<char, NI_MAXHOST> text{};
  if (::getpeername(parts_->socket.get(), reinterpret_cast<sockaddr*>(&place), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&place), size, text.data(), text.size(),
                    nullptr, 0, NI_NUMERICHOST) != 0) {
    return parts_->error("tell the address");
  }
  return std::string(text.data());
}

Result<std::unique_ptr<SshSession>> SshSession::open(const SshHost& host, Duration time_limit) {
  auto parts = SshLogin::run(host, time_limit);
  if (!parts) return parts.error();
  return std::unique_ptr<SshSession>(new SshSession(*std::move(parts)));
}

SshSession::Parts::~Parts() {
  auto deadline = SshClock::now() + goodbye_limit;
  if (stream != nullptr) until(deadline, [&] { return libssh2_channel_free(stream); });
  if (session == nullptr) return;
  until(deadline, [&] { return libssh2_session_disconnect(session, "done"); });
  until(deadline, [&] { return libssh2_session_free(session); });
}

bool SshSession::Parts::wait(SshClock::time_point deadline, int local) const {
  int directions = session != nullptr ? libssh2_session_block_directions(session) : 0;
  // Without a session there is a connection in the making: that shows as writable.
  bool writes = session == nullptr || (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
  short events = session != nullptr ? POLLIN : 0;
  if (writes) events = static_cast<short>(events | POLLOUT);
  std::array<pollfd, 2> watch{{{socket.get(), events, 0}, {local, POLLIN, 0}}};
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SshClock::now()).count();
    if (left <= 0) return false;
    int ready = ::poll(watch.data(), watch.size(), static_cast<int>(std::min<long>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Error SshSession::Parts::error(const std::string& act) const {
  char* text = nullptr;
  int code = session != nullptr ? libssh2_session_last_error(session, &text, nullptr, 0) : 0;
  bool late = code == LIBSSH2_ERROR_EAGAIN || code == 0;
  return Error{late ? Error::Code::timed_out : Error::Code::environment,
               "cannot " + act + " on " + to_string(host) + ": " +
                   (late || text == nullptr ? std::string("no answer in time") : text)};
}

Result<LIBSSH2_CHANNEL*> SshSession::Parts::open_channel(const SshExec& what,
                                                         SshClock::time_point deadline) const {
  std::vector<std::string> words = what.command;
  if (what.as_root && host.user != "root") {
    words.insert(words.begin(), {"sudo", "-n", "--"});
  }
  LIBSSH2_CHANNEL* channel = nullptr;
  int opened = until(deadline, [&] {
    channel = libssh2_channel_open_session(session);
    if (channel != nullptr) return 0;
    return libssh2_session_last_errno(session);
  });
  if (opened != 0) return error("open a channel");
  std::string line = shell_words(words);
  int started = until(deadline, [&] { return libssh2_channel_exec(channel, line.c_str()); });
  if (started != 0) {
    Error why = error("run " + words[0]);
    until(deadline, [&] { return libssh2_channel_free(channel); });
    return why;
  }
  return channel;
}

}  // namespace sunder
