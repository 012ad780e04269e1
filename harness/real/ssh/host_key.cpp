// The host's key and the files of known hosts.

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "harness/faultkit/system_error.h"
#include "harness/real/ssh/session_parts.h"

namespace sunder {
namespace {

struct KeyName {
  const char* name;
  int mask;
};

KeyName name_of(int type) {
  switch (type) {
    case LIBSSH2_HOSTKEY_TYPE_RSA: return {"ssh-rsa", LIBSSH2_KNOWNHOST_KEY_SSHRSA};
    case LIBSSH2_HOSTKEY_TYPE_DSS: return {"ssh-dss", LIBSSH2_KNOWNHOST_KEY_SSHDSS};
    case LIBSSH2_HOSTKEY_TYPE_ECDSA_256:
      return {"ecdsa-sha2-nistp256", LIBSSH2_KNOWNHOST_KEY_ECDSA_256};
    case LIBSSH2_HOSTKEY_TYPE_ECDSA_384:
      return {"ecdsa-sha2-nistp384", LIBSSH2_KNOWNHOST_KEY_ECDSA_384};
    case LIBSSH2_HOSTKEY_TYPE_ECDSA_521:
      return {"ecdsa-sha2-nistp521", LIBSSH2_KNOWNHOST_KEY_ECDSA_521};
    case LIBSSH2_HOSTKEY_TYPE_ED25519: return {"ssh-ed25519", LIBSSH2_KNOWNHOST_KEY_ED25519};
  }
  return {"unknown", LIBSSH2_KNOWNHOST_KEY_UNKNOWN};
}

struct Freed {
  void operator()(LIBSSH2_KNOWNHOSTS* known) const { libssh2_knownhost_free(known); }
};

}  // namespace

Status SshLogin::check_key() {
  const SshHost& host = parts_.host;
  if (host.key_check == SshHost::KeyCheck::off) return Done{};
  std::size_t size = 0;
  int type = 0;
  const char* key = libssh2_session_hostkey(parts_.session, &size, &type);
  std::unique_ptr<LIBSSH2_KNOWNHOSTS, Freed> known(libssh2_knownhost_init(parts_.session));
  if (key == nullptr || !known) return parts_.error("read the host's key");
  std::string files;
  for (const std::filesystem::path& file : host.known_hosts) {
    files += (files.empty() ? "" : " or ") + file.string();
    // A file that is not there knows nobody.
    (void)libssh2_knownhost_readfile(known.get(), file.c_str(), LIBSSH2_KNOWNHOST_FILE_OPENSSH);
  }
  KeyName name = name_of(type);
  int mask = LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW | name.mask;
  libssh2_knownhost* entry = nullptr;
  int checked = libssh2_knownhost_checkp(known.get(), host.address.c_str(), host.port, key, size,
                                         mask, &entry);
  if (checked == LIBSSH2_KNOWNHOST_CHECK_MATCH) return Done{};
  if (checked == LIBSSH2_KNOWNHOST_CHECK_MISMATCH) {
    return Error{Error::Code::environment,
                 "the key of " + to_string(host) + " (" + name.name + ") is not the one in " +
                     files + ": either the host was made anew, then remove the old key with "
                     "ssh-keygen -R, or somebody stands between"};
  }
  std::string place = host.port == 22 ? host.address
                                      : "[" + host.address + "]:" + std::to_string(host.port);
  if (host.key_check == SshHost::KeyCheck::strict) {
    return Error{Error::Code::environment,
                 "the key of " + to_string(host) + " (" + name.name + ") is not in " + files +
                     "; compare it and add it with: ssh-keyscan -t ed25519 -p " +
                     std::to_string(host.port) + " " + host.address};
  }
  libssh2_knownhost* added = nullptr;
  int kept = libssh2_knownhost_addc(known.get(), place.c_str(), nullptr, key, size, nullptr, 0,
                                    mask, &added);
  std::array<char, 16384> line{};
  std::size_t length = 0;
  if (kept == 0) {
    kept = libssh2_knownhost_writeline(known.get(), added, line.data(), line.size(), &length,
                                       LIBSSH2_KNOWNHOST_FILE_OPENSSH);
  }
  if (kept != 0) return parts_.error("keep the host's key");
  return keep_key(std::string(line.data(), length));
}

// Appended, never rewritten: the file is its owner's.
Status SshLogin::keep_key(const std::string& line) {
  if (parts_.host.known_hosts.empty()) return Done{};
  const std::filesystem::path& path = parts_.host.known_hosts.front();
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return system_error("keep the key of " + to_string(parts_.host) + " in " + path.string());
  }
  return Done{};
}

}  // namespace sunder
