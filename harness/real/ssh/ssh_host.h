#pragma once
// One machine that is reached over SSH, and how.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sunder {

struct SshHost {
  /// What becomes of a host key that no file of known hosts has. A changed key is always refused,
  /// except where nothing is checked.
  enum class KeyCheck : std::uint8_t { strict, accept_new, off };

  std::string name;     // as the file calls it
  std::string address;  // a name or an address, of the SSH server
  std::uint16_t port = 22;
  std::string user;
  std::string node_address;  // numeric, where the other nodes reach it; empty: as `address`
  std::string folder = "/var/lib/sunder";   // of ours there
  std::vector<std::filesystem::path> keys;  // private keys, tried in order
  bool keys_only = false;                   // the agent's keys are not tried
  std::filesystem::path password_file;      // its first line; empty: no password is tried
  KeyCheck key_check = KeyCheck::strict;
  std::vector<std::filesystem::path> known_hosts;  // a new key goes into the first
};

/// "user@address:port", for messages.
std::string to_string(const SshHost& host);

}  // namespace sunder
