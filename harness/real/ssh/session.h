#pragma once
// One SSH connection: programs run over it, byte streams to programs.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/real/ssh/ssh_host.h"

namespace sunder {

struct SshExec {
  std::vector<std::string> command;  // a vector of arguments; no shell of the host reads it
  bool as_root = false;              // through `sudo -n` when the user is not root
  /// The program's standard input, part by part until an empty one; none: it is at its end at once.
  std::function<std::string()> input;
  /// Gets standard output as it comes; none: it is gathered in `SshExit::out`.
  std::function<void(std::string_view)> output;
  Duration time_limit = std::chrono::seconds(30);
};

struct SshExit {
  int code = 0;
  std::string signal;  // "KILL", when one ended it
  std::string out;
  std::string err;
};

/// Used by one thread at a time. Every call has a deadline; after an error of the connection
/// (timed_out, environment) it is of no further use.
class SshSession {
 public:
  /// Connects, checks the host's key and logs in. Errors name the host, the step and the cure.
  static Result<std::unique_ptr<SshSession>> open(const SshHost& host, Duration time_limit);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  const SshHost& host() const;
  /// The server's address, numeric.
  Result<std::string> peer_address() const;
  /// Runs a program to its end. An exit code other than 0 is no error.
  Result<SshExit> exec(const SshExec& what);
  /// As exec(); an exit code other than 0 is an error with what the program complained of.
  Result<std::string> output_of(const SshExec& what);

  /// Starts a program whose standard input and output are a stream. One at a time.
  Status start_stream(const SshExec& what);
  /// Moves bytes between the stream and `local`, a socket, until either side ends. The begin of
  /// what the program complained of on its standard error.
  std::string pump(int local);

 private:
  friend class SshLogin;
  struct Parts;
  explicit SshSession(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// A command as a POSIX shell reads it back into the same words.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace sunder
