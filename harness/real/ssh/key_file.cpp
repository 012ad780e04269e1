#include "harness/real/ssh/key_file.h"

#include <libssh2.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>

namespace sunder {
namespace {

/// The bytes between the lines that begin and end a PEM file; empty when that is no base 64.
std::string decoded(std::string_view text) {
  std::string base64;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.starts_with("-----")) base64 += line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::string bytes(base64.size(), '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                             reinterpret_cast<const unsigned char*>(base64.data()),
                             static_cast<int>(base64.size()));
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

}  // namespace

KeyKind kind_of_key(std::string_view text) {
  constexpr std::string_view marks_encryption = "ENCRYPTED";
  if (text.find("-----BEGIN ") == std::string_view::npos) return KeyKind::unreadable;
  if (text.find(marks_encryption) != std::string_view::npos) return KeyKind::encrypted;
  if (text.find("BEGIN RSA PRIVATE KEY") != std::string_view::npos) return KeyKind::rsa;
  if (text.find("BEGIN OPENSSH PRIVATE KEY") == std::string_view::npos) return KeyKind::other;
  // "openssh-key-v1", then the names of cipher and key derivation, then the public key.
  std::string bytes = decoded(text);
  if (bytes.find("bcrypt") != std::string::npos) return KeyKind::encrypted;
  return bytes.find("ssh-rsa") != std::string::npos ? KeyKind::rsa : KeyKind::other;
}

std::string rsa_cure() {
  std::string text = "an RSA key: libssh2 " + std::string(libssh2_version(0));
  if (libssh2_version(0x010b00) != nullptr) return text + " can use it, but the host refused it";
  return text +
         " signs with it over SHA-1 only, which today's sshd refuses; use an Ed25519 key "
         "(ssh-keygen -t ed25519), and do not relax sshd";
}

std::string why_key_fails(const std::filesystem::path& key) {
  std::ifstream file(key, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file && text.empty()) return "the file cannot be read";
  switch (kind_of_key(text)) {
    case KeyKind::rsa: return rsa_cure();
    case KeyKind::encrypted: return "it has a passphrase; load it into ssh-agent";
    case KeyKind::unreadable: return "it is no private key";
    case KeyKind::other: return "the host refused it";
  }
  return "";
}

}  // namespace sunder
