#include "harness/real/ssh/hosts_file.h"

#include <pwd.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <set>

#include "harness/real/ssh/words.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file) return text;
  return Error{Error::Code::malformed, "cannot read the file of hosts " + path.string()};
}

/// "" or what is wrong with it.
std::string apply_setting(SshHost& host, const std::string& name, const std::string& value) {
  if (value.empty()) return "the setting '" + name + "' needs a value";
  if (name == "node-address") {
    host.node_address = value;
  } else if (name == "folder" && value.starts_with('/')) {
    host.folder = value;
  } else if (name == "folder") {
    return "folder is an absolute path";
  } else if (name == "password-file") {
    host.password_file = expand_home(value);
  } else if (name == "known-hosts") {
    host.known_hosts = {expand_home(value)};
  } else if (name == "host-keys" && value == "strict") {
    host.key_check = SshHost::KeyCheck::strict;
  } else if (name == "host-keys" && value == "accept-new") {
    host.key_check = SshHost::KeyCheck::accept_new;
  } else if (name == "host-keys") {
    return "host-keys is strict or accept-new, not '" + value + "'";
  } else {
    return "unknown setting '" + name +
           "'; there are node-address, folder, password-file, host-keys and known-hosts";
  }
  return "";
}

std::string read_host(const std::vector<std::string>& words, SshHost& host) {
  std::vector<std::string> places;
  for (const std::string& word : words) {
    std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      places.push_back(word);
      continue;
    }
    std::string wrong = apply_setting(host, word.substr(0, equals), word.substr(equals + 1));
    if (!wrong.empty()) return wrong;
  }
  if (places.empty() || places[0] == "-") return "a host's line begins with its address";
  if (places.size() > 4) return "expected ADDRESS [PORT [USER [KEY]]], not '" + places[4] + "' too";
  auto given = [&](std::size_t i) { return i < places.size() && places[i] != "-"; };
  host.name = places[0];
  host.address = places[0];
  if (given(1)) {
    std::optional<std::uint16_t> port = parse_port(places[1]);
    if (!port) return "'" + places[1] + "' is no port from 1 to 65535";
    host.port = *port;
  }
  if (given(2)) host.user = places[2];
  if (given(3)) {
    host.keys = {expand_home(places[3])};
    host.keys_only = true;
  }
  return "";
}

}  // namespace

std::string to_string(const SshHost& host) {
  return host.user + "@" + host.address + ":" + std::to_string(host.port);
}

SshDefaults ssh_defaults() {
  SshDefaults defaults;
  const passwd* user = ::getpwuid(::geteuid());
  defaults.user = user != nullptr ? user->pw_name : "root";
  for (const char* name : {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}) {
    std::string path = expand_home(name);
    if (::access(path.c_str(), R_OK) == 0) defaults.keys.emplace_back(path);
  }
  defaults.known_hosts = {expand_home("~/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"};
  return defaults;
}

Result<SshHosts> parse_hosts(std::string_view text, const std::string& name,
                             const SshDefaults& defaults) {
  SshHosts found;
  std::set<std::pair<std::string, std::uint16_t>> places;
  std::size_t number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    Result<std::vector<std::string>> words = words_of(line);
    if (!words) return error_at(name, number, words.error().context);
    if (words->empty()) continue;
    SshHost host;
    host.user = defaults.user;
    host.keys = defaults.keys;
    host.known_hosts = defaults.known_hosts;
    std::string wrong = read_host(*words, host);
    if (!wrong.empty()) return error_at(name, number, wrong);
    if (!places.emplace(host.address, host.port).second) {
      return error_at(name, number, host.address + " stands there twice with the same port");
    }
    if (host.key_check == SshHost::KeyCheck::accept_new) {
      found.notes.push_back("the host key of " + host.name +
                            " is accepted if it is new, as " + name + " says");
    }
    found.hosts.push_back(std::move(host));
  }
  if (found.hosts.empty()) return Error{Error::Code::malformed, name + ": no host stands in it"};
  return found;
}

Result<SshHosts> read_hosts(const fs::path& path) {
  Result<std::string> text = read_text(path);
  if (!text) return text.error();
  return parse_hosts(*text, path.string(), ssh_defaults());
}

Result<SshHosts> read_ssh_config(const fs::path& path) {
  Result<std::string> text = read_text(path);
  if (!text) return text.error();
  return parse_ssh_config(*text, path.string(), ssh_defaults());
}

}  // namespace sunder
