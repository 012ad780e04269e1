#pragma once
// The two files that name hosts: ours (--hosts) and OpenSSH's (--ssh-config).

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/real/ssh/ssh_host.h"

namespace sunder {

/// What stands for the defaults of the person who runs us.
struct SshDefaults {
  std::string user;
  std::vector<std::filesystem::path> keys;
  std::vector<std::filesystem::path> known_hosts;
};
/// Of the calling user: the login name, ~/.ssh/id_ed25519 and its like where they exist.
SshDefaults ssh_defaults();

struct SshHosts {
  std::vector<SshHost> hosts;       // in the order of the file: n1, n2 ...
  std::vector<std::string> notes;   // what deserves to be announced, whole sentences
};

/// One host a line: ADDRESS [PORT [USER [KEY]]] and settings name=value among `node-address`,
/// `folder`, `password-file`, `host-keys` (strict or accept-new) and `known-hosts`. "-" is the
/// default, '#' begins a comment. Errors (malformed) begin with "<name>:<line>: ".
Result<SshHosts> parse_hosts(std::string_view text, const std::string& name,
                             const SshDefaults& defaults);

/// OpenSSH's format, as `vagrant ssh-config` prints it; a host for each name without wildcards.
/// Settings that would lead elsewhere (Match, Include, ProxyJump, ProxyCommand) are errors.
Result<SshHosts> parse_ssh_config(std::string_view text, const std::string& name,
                                  const SshDefaults& defaults);

Result<SshHosts> read_hosts(const std::filesystem::path& path);
Result<SshHosts> read_ssh_config(const std::filesystem::path& path);

}  // namespace sunder
