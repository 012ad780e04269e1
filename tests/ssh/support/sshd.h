#pragma once
// Real SSH servers for tests: started by the tests with keys of their own, ended by pid.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/real/ssh/ssh_host.h"
#include "tests/real/support/lab_place.h"

namespace sunder {

inline constexpr const char* test_user = "tester";      // may use sudo
inline constexpr const char* plain_user = "bystander";  // may not
inline constexpr const char* test_password = "open sesame";  // of both

/// Why no SSH server can be started here, or "". On first use prepares what servers need in mounts
/// of this process alone: /run, and users.
const std::string& no_sshd_here();

/// Runs a program to its end. Its exit code, -1 if it did not start.
int run_program(const std::vector<std::string>& command);

/// Keys that servers and clients share: host_key, ed25519, rsa, stranger; each with .pub.
/// REQUIRES: no_sshd_here() is "".
const std::filesystem::path& test_keys();

/// One server on an address of this process's network namespace, or of a namespace of its own.
class Sshd {
 public:
  struct Place {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    int host = 0;  // 1..: port of a switch, in a network namespace of its own
    int hosts = 0;
  };
  explicit Sshd(Place place);
  ~Sshd();
  Sshd(const Sshd&) = delete;
  Sshd& operator=(const Sshd&) = delete;

  bool running() const { return pid_ > 0; }
  /// Of a host in its own namespace: the process whose namespace that is.
  pid_t pid() const { return pid_; }
  /// A way in as root with a good key, host keys kept in `known_hosts` of this server's folder.
  SshHost host() const;
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// Ends the server and every connection; start() starts it again in the same place.
  void stop();
  void start();

 private:
  void write_configuration() const;

  Place place_;
  TemporaryFolder folder_;
  pid_t pid_ = 0;
};

}  // namespace sunder
