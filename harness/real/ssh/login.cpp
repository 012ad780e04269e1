// From a host's address to a session that is logged in.

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/faultkit/system_error.h"
#include "harness/real/ssh/key_file.h"
#include "harness/real/ssh/session_parts.h"

namespace sunder {
namespace {

/// The library's own set-up happens once, whichever thread comes first.
bool library_is_ready() {
  static const bool ready = libssh2_init(0) == 0;
  return ready;
}

/// So that a host which is gone without a word is noticed, also when nothing is sent.
void notice_silence(int socket) {
  auto set = [&](int level, int option, int value) {
    (void)::setsockopt(socket, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 5);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 20'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

struct Freed {
  void operator()(addrinfo* found) const { ::freeaddrinfo(found); }
  void operator()(LIBSSH2_AGENT* agent) const {
    libssh2_agent_disconnect(agent);
    libssh2_agent_free(agent);
  }
};

}  // namespace

Result<std::unique_ptr<SshSession::Parts>> SshLogin::run(const SshHost& host, Duration time_limit) {
  if (!library_is_ready()) return Error{Error::Code::environment, "libssh2 does not start"};
  auto parts = std::make_unique<SshSession::Parts>();
  parts->host = host;
  SshLogin login(*parts, SshClock::now() + time_limit);
  Status done = login.connect();
  if (done) done = login.shake_hands();
  if (done) done = login.check_key();
  if (done) done = login.authenticate();
  if (!done) return done.error();
  return parts;
}

Status SshLogin::connect() {
  const SshHost& host = parts_.host;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  int wrong = ::getaddrinfo(host.address.c_str(), std::to_string(host.port).c_str(), &hints, &list);
  if (wrong != 0) {
    return Error{Error::Code::environment,
                 "cannot find the host " + host.address + ": " + ::gai_strerror(wrong)};
  }
  std::unique_ptr<addrinfo, Freed> found(list);
  Error last{Error::Code::environment, "cannot connect to " + to_string(host)};
  for (const addrinfo* place = found.get(); place != nullptr; place = place->ai_next) {
    parts_.socket = Descriptor(
        ::socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!parts_.socket) continue;
    notice_silence(parts_.socket.get());
    int started = ::connect(parts_.socket.get(), place->ai_addr, place->ai_addrlen);
    if (started != 0 && errno == EINPROGRESS) {
      if (!parts_.wait(deadline_)) {
        return Error{Error::Code::timed_out, "cannot connect to " + to_string(host) +
                                                 ": no answer in time"};
      }
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(parts_.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) return Done{};
      errno = error;
    } else if (started == 0) {
      return Done{};
    }
    last = system_error("connect to " + to_string(host), "is an SSH server running there?");
  }
  return last;
}

Status SshLogin::shake_hands() {
  parts_.session = libssh2_session_init();
  if (parts_.session == nullptr) return parts_.error("begin a session");
  libssh2_session_set_blocking(parts_.session, 0);
  // The order that OpenSSH prefers, so that the kind of key in files of known hosts is asked for.
  libssh2_session_method_pref(parts_.session, LIBSSH2_METHOD_HOSTKEY,
                              "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                              "ecdsa-sha2-nistp521,ssh-rsa");
  int shaken = parts_.until(deadline_, [&] {
    return libssh2_session_handshake(parts_.session, parts_.socket.get());
  });
  if (shaken != 0) return parts_.error("agree on a protocol");
  return Done{};
}

bool SshLogin::try_key(const std::filesystem::path& key) {
  int done = parts_.until(deadline_, [&] {
    return libssh2_userauth_publickey_fromfile_ex(
        parts_.session, parts_.host.user.c_str(), static_cast<unsigned>(parts_.host.user.size()),
        nullptr, key.c_str(), nullptr);
  });
  if (done == 0) return true;
  tried_.push_back("the key " + key.string() + " (" + why_key_fails(key) + ")");
  return false;
}

bool SshLogin::try_agent() {
  std::unique_ptr<LIBSSH2_AGENT, Freed> agent(libssh2_agent_init(parts_.session));
  if (!agent || libssh2_agent_connect(agent.get()) != 0 ||
      libssh2_agent_list_identities(agent.get()) != 0) {
    return false;
  }
  libssh2_agent_publickey* previous = nullptr;
  libssh2_agent_publickey* key = nullptr;
  while (libssh2_agent_get_identity(agent.get(), &key, previous) == 0) {
    int done = parts_.until(deadline_, [&] {
      return libssh2_agent_userauth(agent.get(), parts_.host.user.c_str(), key);
    });
    if (done == 0) return true;
    std::string_view blob(reinterpret_cast<const char*>(key->blob), key->blob_len);
    bool rsa = blob.find("ssh-rsa") != std::string_view::npos;
    tried_.push_back("the agent's key " + std::string(key->comment) + " (" +
                     (rsa ? rsa_cure() : std::string("the host refused it")) + ")");
    previous = key;
  }
  return false;
}

bool SshLogin::try_password() {
  std::ifstream file(parts_.host.password_file);
  std::string password;
  if (!std::getline(file, password)) {
    tried_.push_back("the password of " + parts_.host.password_file.string() +
                     " (the file cannot be read)");
    return false;
  }
  const std::string& user = parts_.host.user;
  int done = parts_.until(deadline_, [&] {
    return libssh2_userauth_password_ex(
        parts_.session, user.c_str(), static_cast<unsigned>(user.size()), password.c_str(),
        static_cast<unsigned>(password.size()), nullptr);
  });
  if (done == 0) return true;
  tried_.push_back("the password of " + parts_.host.password_file.string() +
                   " (the host refused it)");
  return false;
}

Status SshLogin::authenticate() {
  const SshHost& host = parts_.host;
  for (const std::filesystem::path& key : host.keys) {
    if (try_key(key)) return Done{};
  }
  if (!host.keys_only && try_agent()) return Done{};
  if (!host.password_file.empty() && try_password()) return Done{};
  std::string text = "cannot log in as " + to_string(host) + "; ";
  if (tried_.empty()) {
    text += "there is no key to try: name one, or load one into ssh-agent";
  } else {
    text += "tried ";
    for (std::size_t i = 0; i < tried_.size(); ++i) text += (i == 0 ? "" : ", ") + tried_[i];
  }
  return Error{SshClock::now() >= deadline_ ? Error::Code::timed_out : Error::Code::environment,
               std::move(text)};
}

}  // namespace sunder
