#pragma once
// What the .cpp files of a session share. Includes libssh2: for them only.

#include <libssh2.h>

#include <chrono>

#include "harness/faultkit/descriptor.h"
#include "harness/real/ssh/session.h"

namespace sunder {

using SshClock = std::chrono::steady_clock;

struct SshSession::Parts {
  SshHost host;
  Descriptor socket;
  LIBSSH2_SESSION* session = nullptr;
  LIBSSH2_CHANNEL* stream = nullptr;  // of start_stream()

  ~Parts();
  /// Waits until the connection can go on. False: the deadline has come.
  bool wait(SshClock::time_point deadline, int local = -1) const;
  /// Calls `act` until it no longer says that it would block. Its last answer, at the deadline
  /// LIBSSH2_ERROR_TIMEOUT.
  template <class Act>
  auto until(SshClock::time_point deadline, Act act) const {
    while (true) {
      auto answer = act();
      if (answer != LIBSSH2_ERROR_EAGAIN) return answer;
      if (!wait(deadline)) return static_cast<decltype(answer)>(LIBSSH2_ERROR_TIMEOUT);
    }
  }
  /// "cannot <act> on user@host:port: <why>"
  Error error(const std::string& act) const;
  Result<LIBSSH2_CHANNEL*> open_channel(const SshExec& what, SshClock::time_point deadline) const;
};

/// Login: the connection, the host's key, the user's keys.
class SshLogin {
 public:
  static Result<std::unique_ptr<SshSession::Parts>> run(const SshHost& host, Duration time_limit);

 private:
  SshLogin(SshSession::Parts& parts, SshClock::time_point deadline)
      : parts_(parts), deadline_(deadline) {}
  Status connect();
  Status shake_hands();
  Status check_key();
  Status keep_key(const std::string& line);
  Status authenticate();
  bool try_key(const std::filesystem::path& key);
  bool try_agent();
  bool try_password();

  SshSession::Parts& parts_;
  SshClock::time_point deadline_;
  std::vector<std::string> tried_;  // what, and why it did not do
};

}  // namespace sunder
